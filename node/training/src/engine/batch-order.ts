// Which samples each step sees. Every epoch is a fresh shuffle; the last step of an epoch is filled up
// with rows of weight 0. A curriculum draws as many samples from the easiest ones only.

import { mix32, seededUniforms, shuffle } from '../seeded-random.ts';
import { type Feeds, float32Feed, int64Feed } from './feeds.ts';
import { INPUT } from './program-names.ts';

/** Step seeds lie below the prime of the graph's own generator. */
const STEP_SEED_LIMIT = 2 ** 31 - 1;
/** Three sevenths of seven samples are three. */
const ROUNDING = 1e-6;

/** The seeds of the steps of a fit, one after another. */
export class StepSeeds {
  readonly #seed: number;
  #step = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  next(steps: number): Feeds {
    const seeds = new BigInt64Array(steps);
    for (let step = 0; step < steps; step++) {
      seeds[step] = BigInt(mix32(this.#seed ^ mix32(this.#step++)) % STEP_SEED_LIMIT);
    }
    return { [INPUT.stepSeeds]: int64Feed(seeds, [steps]) };
  }
}

/** The orders of the epochs of a fit, one after another; the same seed gives the same orders. */
export class BatchOrder {
  readonly samples: number;
  readonly stepsPerEpoch: number;
  readonly #batch: number;
  readonly #seeds: StepSeeds;
  readonly #order: Int32Array;
  /** Samples from the easiest to the hardest. */
  readonly #ranking: Int32Array | undefined;
  readonly #uniform: () => number;

  constructor(samples: number, batch: number, seed: number, difficulty?: Float32Array) {
    this.samples = samples;
    this.stepsPerEpoch = Math.ceil(samples / batch);
    this.#batch = batch;
    this.#seeds = new StepSeeds(seed);
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
    const orders = Array.from({ length: epochs }, (_, epoch) => {
      this.#draw(shares[epoch] ?? 1);
      return this.#order.slice();
    });
    return {
      ...orderFeeds(orders, this.#batch),
      ...this.#seeds.next(epochs * this.stepsPerEpoch),
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
}

/** Samples in their order, for evaluation. */
export function plainOrder(samples: number, batch: number): { steps: number; feeds: Feeds } {
  const steps = Math.ceil(samples / batch);
  const inOrder = Int32Array.from({ length: samples }, (_, i) => i);
  const feeds = {
    ...orderFeeds([inOrder], batch),
    [INPUT.stepSeeds]: int64Feed(new BigInt64Array(steps), [steps]),
  };
  return { steps, feeds };
}

/** Steps over orders of samples, one after another; the last step of each has rows of weight 0. */
export function orderFeeds(orders: readonly Int32Array[], batch: number): Feeds {
  const steps = orders.reduce((sum, { length }) => sum + Math.ceil(length / batch), 0);
  const rows = new BigInt64Array(steps * batch);
  const weights = new Float32Array(steps * batch);
  let from = 0;
  for (const order of orders) {
    for (const [at, row] of order.entries()) {
      const start = at - (at % batch);
      rows[from + at] = BigInt(row);
      weights[from + at] = 1 / Math.min(batch, order.length - start);
    }
    from += Math.ceil(order.length / batch) * batch;
  }
  return {
    [INPUT.order]: int64Feed(rows, [steps, batch]),
    [INPUT.sampleWeights]: float32Feed(weights, [steps, batch]),
  };
}
