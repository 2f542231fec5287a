// Uniform integers and fractions from a random source, taken in bulk.

import type { RandomSource } from '../random-source.ts';

const WORDS_FIRST = 64;
const WORDS_MAX = 16_384;
const WORD = 2 ** 32;

/** Draws are independent as long as the source's bytes are. */
export class UniformDraws {
  readonly #random: RandomSource;
  #words = new Uint32Array(0);
  #next = 0;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  /** A whole number below 2^32. */
  uint32(): number {
    if (this.#next === this.#words.length) this.#refill();
    return this.#words[this.#next++] as number;
  }

  /** A whole number below 2^53, which holds the first bits of a longer one. */
  uint53(): number {
    return (this.uint32() >>> 11) * WORD + this.uint32();
  }

  /**
   * A whole number below `limit`, each equally often: what would favour some is drawn again.
   * @throws {RangeError} unless 1 <= limit <= 2^53
   */
  below(limit: number): number {
    if (!(Number.isInteger(limit) && limit >= 1 && limit <= 2 ** 53)) {
      throw new RangeError(`1 <= limit <= 2^53, but limit = ${limit}`);
    }
    const isShort = limit <= WORD;
    const range = isShort ? WORD : 2 ** 53;
    const fair = range - (range % limit);
    while (true) {
      const drawn = isShort ? this.uint32() : this.uint53();
      if (drawn < fair) return drawn % limit;
    }
  }

  #refill(): void {
    const count = Math.min(WORDS_MAX, Math.max(WORDS_FIRST, this.#words.length * 4));
    const bytes = this.#random(count * 4);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#words = new Uint32Array(count);
    for (let i = 0; i < count; i++) this.#words[i] = view.getUint32(i * 4, true);
    // What was drawn is secret and of no further use.
    bytes.fill(0);
    this.#next = 0;
  }
}
