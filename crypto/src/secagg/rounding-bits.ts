// Random words in bulk for stochastic rounding: the keystream of a seed that is drawn once.

import { KEYSTREAM_KEY_BYTES, Keystream } from '../keystream.ts';
import type { RandomSource } from '../random-source.ts';

export class RoundingBits {
  /** Most words of one draw: they stay in the cache while they are used. */
  static readonly DRAWN_MAX = 1 << 14;
  readonly #words = new Uint32Array(RoundingBits.DRAWN_MAX);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #keystream: Keystream;

  constructor(random: RandomSource) {
    const seed = random(KEYSTREAM_KEY_BYTES);
    this.#keystream = new Keystream(seed);
    seed.fill(0);
  }

  /** The next `count` words; they stand until the next draw. */
  draw(count: number): Uint32Array {
    this.#keystream.fill(this.#bytes.subarray(0, count * 4));
    return this.#words.subarray(0, count);
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}
