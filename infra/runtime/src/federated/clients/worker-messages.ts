// What a simulation and its worker threads say to each other. Arrays that many nodes are sent, such as
// the model of a round, cross once per thread and are named by number from then on.

import type {
  AppMessage,
  AppMessageKind,
  ConfigRecord,
  MetricRecord,
  RecordDict,
} from '@starling/shared';
import type { ClientOutcome } from './client-task.ts';

export interface WorkerStart {
  /** Of the module that exports the client app. */
  readonly module: string;
  readonly runConfig: ConfigRecord;
}

export interface WireTask {
  readonly message: Omit<AppMessage, 'content'>;
  /** Numbers of arrays by name. */
  readonly arrays: Readonly<Record<string, number>>;
  readonly metrics: MetricRecord;
  readonly config: ConfigRecord;
  readonly nodeConfig: ConfigRecord;
  readonly state: RecordDict;
  readonly seed: number;
}

export type ToWorker =
  | {
      readonly kind: 'task';
      readonly id: number;
      readonly task: WireTask;
      readonly fresh: readonly (readonly [number, Float32Array])[];
      readonly forgotten: readonly number[];
    }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready'; readonly kinds: readonly AppMessageKind[] }
  | { readonly kind: 'unusable'; readonly code: string; readonly message: string }
  | { readonly kind: 'done'; readonly id: number; readonly outcome: ClientOutcome };
