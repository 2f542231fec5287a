// The demo's settings. They were chosen on tuning seeds; the README reports others.

import type { AloneSettings, PatternOptions } from '@starling/peer';
import {
  type AggregationPolicy,
  type MaskedAggregation,
  MICROS,
  type TrainingTask,
  toMicros,
} from '@starling/shared';

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
  /** `masked` when absent. */
  readonly aggregation: AggregationPolicy['mode'] | undefined;
  readonly resume: boolean;
  /** The command's script, for child processes. */
  readonly entry: string;
}

export const DEMO_SITES = 5;
export const DEMO_ROUNDS = 18;
export const DEMO_ROUNDS_MAX = 1000;
export const DEMO_SEED = 1;

/** How a new federation aggregates, as an operator names it. */
export interface AggregationOptions {
  readonly aggregation: AggregationPolicy['mode'];
  /** Bits of the ring of masked sums. */
  readonly ring: MaskedAggregation['ring'];
  readonly noise: NonNullable<MaskedAggregation['noise']>['mechanism'] | undefined;
  /** Standard deviation of the sum's noise over the clipping norm. */
  readonly noiseMultiplier: number;
  readonly groupSize: number | undefined;
}

export const DEFAULT_AGGREGATION: AggregationOptions = Object.freeze<AggregationOptions>({
  aggregation: 'masked',
  ring: 32,
  noise: undefined,
  noiseMultiplier: 1,
  groupSize: undefined,
});

/** What the genesis says of these options. */
export function aggregationPolicy(options: AggregationOptions): AggregationPolicy {
  if (options.aggregation === 'plain') return { mode: 'plain' };
  const { groupSize, noise, noiseMultiplier, ring } = options;
  return {
    // A coordinate of the demo's updates stays below a tenth.
    clipMicros: MICROS,
    corruptMicros: Math.floor(MICROS / 3),
    dropMicros: MICROS / 10,
    groupSize: groupSize ?? null,
    mode: 'masked',
    noise:
      noise === undefined
        ? null
        : { mechanism: noise, noiseMultiplierMicros: toMicros(noiseMultiplier) },
    ring,
  };
}

export function demoTask(seed: number, options = DEFAULT_AGGREGATION): TrainingTask {
  return {
    aggregation: aggregationPolicy(options),
    app: null,
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

/** All sites belong to one person on one machine, who asked for this; the demo says when they learn. */
export const DEMO_PATTERNS: Partial<PatternOptions> = Object.freeze({
  learnEvery: 1_000_000,
  propose: true,
  use: true,
});
