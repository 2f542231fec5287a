// The demo's settings. They were chosen on tuning seeds; the README reports others.

import type { AloneSettings } from '@starling/peer';
import { MICROS, type TrainingTask } from '@starling/shared';

export interface DemoOptions {
  /** Folder of the run; a fresh run replaces what an earlier one left there, and nothing else. */
  readonly home: string;
  /** The user's folder; the installed packages when it is absent. */
  readonly corpus: string | undefined;
  /** `node_modules` of the workspace, the default corpus. */
  readonly nodeModules: string;
  readonly sites: number | undefined;
  /** DEMO_ROUNDS when absent; a resumed run keeps what it was started with. */
  readonly rounds: number | undefined;
  /** DEMO_SEED when absent. */
  readonly seed: number | undefined;
  readonly resume: boolean;
  /** The command's script, for child processes. */
  readonly entry: string;
}

export const DEMO_SITES = 5;
export const DEMO_ROUNDS = 18;
export const DEMO_ROUNDS_MAX = 1000;
export const DEMO_SEED = 1;

export function demoTask(seed: number): TrainingTask {
  return {
    aggregation: { mode: 'plain' },
    clippingNormMicros: 100 * MICROS,
    encoder: { buckets: 8192, dimension: 128 },
    seed,
    training: {
      batchSize: 256,
      learningRateMicros: 5_000,
      localEpochs: 2,
      temperatureMicros: 50_000,
    },
  };
}

/** The baseline may take as many epochs as help it; its validation split decides. */
export const DEMO_ALONE: AloneSettings = Object.freeze({
  learningRate: 0.001,
  epochsPerCheck: 2,
  patience: 4,
  epochsMax: 40,
});
