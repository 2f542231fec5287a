// The order of the samples within each block of a stream. One block that holds a whole epoch is
// ordered as the same samples in an array are.

import { seededUniforms, shuffle } from '../seeded-random.ts';
import { orderFeeds, StepSeeds } from './batch-order.ts';
import type { Feeds } from './feeds.ts';

export interface BlockOrder {
  readonly steps: number;
  /** Order, weights of the samples, and seeds of the steps. */
  readonly perStep: Feeds;
}

export class BlockOrders {
  readonly #batch: number;
  readonly #uniform: () => number;
  readonly #seeds: StepSeeds;
  #order = new Int32Array();

  constructor(batch: number, seed: number) {
    this.#batch = batch;
    this.#uniform = seededUniforms(seed);
    this.#seeds = new StepSeeds(seed);
  }

  /** The next block of `rows` samples; `rest` are those that fill no batch, unless it is the last. */
  next(rows: number, isLast: boolean): BlockOrder & { readonly rest: Int32Array } {
    if (this.#order.length !== rows) this.#order = Int32Array.from({ length: rows }, (_, i) => i);
    shuffle(this.#order, this.#uniform);
    const used = isLast ? rows : rows - (rows % this.#batch);
    const steps = Math.ceil(used / this.#batch);
    const perStep = {
      ...orderFeeds([this.#order.subarray(0, used)], this.#batch),
      ...this.#seeds.next(steps),
    };
    return { steps, perStep, rest: this.#order.slice(used) };
  }
}
