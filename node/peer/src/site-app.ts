// Port: the app that this site's operator installed, which trains the federation's model in place of
// the encoder.

import type { ConfigRecord, Digest, MetricRecord } from '@starling/shared';

/** What a round asks of the app. */
export interface AppWork {
  readonly round: number;
  /** `[elements]` */
  readonly weights: Float32Array;
  /** The run's settings, and what the strategy adds. */
  readonly config: ConfigRecord;
  /** Of federation, round and site. */
  readonly seed: number;
  readonly signal: AbortSignal;
}

export interface AppTraining {
  /** `[elements]` */
  readonly weights: Float32Array;
  readonly examples: number;
  /** The last epoch's mean, 0 when the app tells none. */
  readonly loss: number;
}

export interface SiteApp {
  readonly name: string;
  /** Of the files as they are installed here. */
  readonly digest: Digest;
  /** Version 0's weights, as the app makes them. */
  initial(): Promise<Float32Array>;
  /** @throws {TrainingError} what fails, with the code that others may hear */
  train(work: AppWork): Promise<AppTraining>;
  /** What the app measures on the site's own data; undefined when it cannot evaluate. */
  evaluate(work: AppWork): Promise<MetricRecord | undefined>;
  stop(): Promise<void>;
}
