// What an engine process and its owner say to each other.

import type { TrainingErrorCode } from '../training-error.ts';
import type { Feeds } from './feeds.ts';
import type { GraphName, HostedProgram } from './graph-host.ts';
import type { RunStart } from './stepped-run.ts';

export type EngineRequest =
  | { readonly kind: 'load'; readonly id: number; readonly program: HostedProgram }
  | {
      readonly kind: 'begin';
      readonly id: number;
      readonly run: number;
      readonly graph: GraphName;
      readonly start: RunStart;
    }
  | {
      readonly kind: 'advance';
      readonly id: number;
      readonly run: number;
      readonly steps: number;
      readonly perStep: Feeds;
      readonly block?: Feeds | undefined;
    }
  | { readonly kind: 'hold'; readonly id: number; readonly held: number; readonly feeds: Feeds }
  | { readonly kind: 'letGo'; readonly id: number; readonly held: number }
  | { readonly kind: 'finish'; readonly id: number; readonly run: number }
  /** Gives up the run, also while it advances. */
  | { readonly kind: 'abort'; readonly run: number };

export type EngineReply =
  | { readonly kind: 'chunk'; readonly id: number; readonly done: number; gathered: Float32Array }
  | { readonly kind: 'done'; readonly id: number; readonly result: EngineResult }
  | {
      readonly kind: 'failed';
      readonly id: number;
      readonly code: TrainingErrorCode | undefined;
      readonly message: string;
    };

export interface EngineResult {
  readonly gathered?: Float32Array;
  readonly carried?: Feeds;
}
