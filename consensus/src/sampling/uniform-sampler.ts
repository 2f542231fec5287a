// Uniform sampling without replacement: the first swaps of a Fisher-Yates shuffle of [0, length),
// made lazily, so that a sample costs its own size and not the population's.

import { drawBelow, type RandomSource } from './random-source.ts';

/** Populations up to this size keep their order in an array, larger ones only what was swapped. */
const DENSE_LENGTH_MAX = 2 ** 20;

/**
 * Invariant: outside of `initialize`, the order is the identity but for the positions drawn since
 * the last reset, so resetting costs as much as was drawn.
 */
export class UniformSampler {
  readonly #random: RandomSource;
  readonly #swapped = new Map<number, number>();
  readonly #drawn: number[] = [];
  #order = new Uint32Array(0);
  #length = 0;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** Sets the population to [0, length), 0 <= length <= 2^53, with nothing drawn from it. */
  initialize(length: number): void {
    if (!(Number.isInteger(length) && length >= 0 && length <= 2 ** 53)) {
      throw new RangeError(`a population of ${length} violates 0 <= length <= 2^53`);
    }
    this.reset();
    this.#length = length;
    if (length <= DENSE_LENGTH_MAX && length > this.#order.length) {
      this.#order = Uint32Array.from({ length }, (_, i) => i);
    }
  }

  /** Puts everything back. */
  reset(): void {
    for (const position of this.#drawn) {
      if (position < this.#order.length) this.#order[position] = position;
    }
    this.#swapped.clear();
    this.#drawn.length = 0;
  }

  /** One more element, none twice; undefined when all are drawn. */
  next(): number | undefined {
    const count = this.#drawn.length;
    if (count >= this.#length) return undefined;
    const position = drawBelow(this.#random, this.#length - count) + count;
    this.#drawn.push(position);
    if (this.#length <= DENSE_LENGTH_MAX) {
      const element = this.#order[position] ?? position;
      this.#order[position] = this.#order[count] ?? count;
      return element;
    }
    const element = this.#swapped.get(position) ?? position;
    this.#swapped.set(position, this.#swapped.get(count) ?? count);
    return element;
  }

  /** A fresh sample of `count` elements; undefined when there are not so many. */
  sample(count: number): number[] | undefined {
    this.reset();
    const elements: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const element = this.next();
      if (element === undefined) return undefined;
      elements.push(element);
    }
    return elements;
  }
}
