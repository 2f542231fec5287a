// Which samples each step sees. Every epoch is a fresh shuffle; the last step of an epoch is filled up
// with rows of weight 0. A curriculum draws as many samples from the easiest ones only.

import { mix32, seededUniforms, shuffle } from '../seeded-random.ts';
import { type Feeds, float32Feed, int64Feed } from './feeds.ts';
import { INPUT } from './program-names.ts';

/** Step seeds lie below the prime of the graph's own generator. */
const STEP_SEED_LIMIT = 2 ** 31 - 1;
/** Three sevenths of seven samples are three. */
const ROUNDING = 1e-6;

/** The orders of the epochs of a fit, one after another; the same seed gives the same orders. */
export class BatchOrder {
  readonly samples: number;
  readonly stepsPerEpoch: number;
  readonly #batch: number;
  readonly #seed: number;
  readonly #order: Int32Array;
  /** Samples from the easiest to the hardest. */
  readonly #ranking: Int32Array | undefined;
  readonly #uniform: () => number;
  #step = 0;

  constructor(samples: number, batch: number, seed: number, difficulty?: Float32Array) {
    this.samples = samples;
    this.stepsPerEpoch = Math.ceil(samples / batch);
    this.#batch = batch;
    this.#seed = seed;
    this.#order = Int32Array.from({ length: samples }, (_, i) => i);
    this.#uniform = seededUniforms(seed);
    this.#ranking =
      difficulty && this.#order.toSorted((a, b) => (difficulty[a] ?? 0) - (difficulty[b] ?? 0));
  }

  /**
   * The per-step inputs of the next `epochs` epochs; `shares` says how much of the samples, from the
   * easiest on, each of them draws from.
   */
  next(epochs: number, shares: readonly number[] = []): Feeds {
    const steps = epochs * this.stepsPerEpoch;
    const rows = new BigInt64Array(steps * this.#batch);
    const weights = new Float32Array(steps * this.#batch);
    const seeds = new BigInt64Array(steps);
    for (let epoch = 0; epoch < epochs; epoch++) {
      this.#draw(shares[epoch] ?? 1);
      const from = epoch * this.stepsPerEpoch * this.#batch;
      this.#fill(rows.subarray(from), weights.subarray(from));
    }
    for (let step = 0; step < steps; step++) {
      seeds[step] = BigInt(mix32(this.#seed ^ mix32(this.#step++)) % STEP_SEED_LIMIT);
    }
    return {
      [INPUT.order]: int64Feed(rows, [steps, this.#batch]),
      [INPUT.sampleWeights]: float32Feed(weights, [steps, this.#batch]),
      [INPUT.stepSeeds]: int64Feed(seeds, [steps]),
    };
  }

  /** A new order: of all samples, or of shuffles of the easiest ones until there are as many. */
  #draw(share: number): void {
    if (this.#ranking === undefined) {
      shuffle(this.#order, this.#uniform);
      return;
    }
    const easiest = this.#ranking.slice(0, Math.max(1, Math.ceil(share * this.samples - ROUNDING)));
    for (let at = 0; at < this.samples; at += easiest.length) {
      shuffle(easiest, this.#uniform);
      this.#order.set(easiest.subarray(0, this.samples - at), at);
    }
  }

  #fill(rows: BigInt64Array, weights: Float32Array): void {
    const samples = this.#order.length;
    for (let at = 0; at < samples; at++) {
      const start = at - (at % this.#batch);
      rows[at] = BigInt(this.#order[at] as number);
      weights[at] = 1 / Math.min(this.#batch, samples - start);
    }
  }
}

/** Samples in their order, for evaluation. */
export function plainOrder(samples: number, batch: number): { steps: number; feeds: Feeds } {
  const steps = Math.ceil(samples / batch);
  const rows = new BigInt64Array(steps * batch);
  const weights = new Float32Array(steps * batch);
  for (let at = 0; at < samples; at++) {
    rows[at] = BigInt(at);
    weights[at] = 1 / Math.min(batch, samples - (at - (at % batch)));
  }
  const feeds = {
    [INPUT.order]: int64Feed(rows, [steps, batch]),
    [INPUT.sampleWeights]: float32Feed(weights, [steps, batch]),
    [INPUT.stepSeeds]: int64Feed(new BigInt64Array(steps), [steps]),
  };
  return { steps, feeds };
}
