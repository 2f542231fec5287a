// xoshiro128** 1.1 (Blackman & Vigna 2018, https://prng.di.unimi.it), seeded by splitmix32, drawn
// in blocks so that the state stays in registers. Reproducible everywhere; not for secrets.

/** Most words that `reserve` gives at once. */
export const RESERVE_MAX = 1024;

/** A reproducible stream of random numbers. */
export class Xoshiro128 {
  /** Where words lie that `reserve` gave. */
  readonly words = new Uint32Array(RESERVE_MAX);
  readonly #state: Int32Array;
  #at = RESERVE_MAX;

  /** @param state four words that are not all 0 */
  constructor(state: ArrayLike<number>) {
    this.#state = Int32Array.from(state);
  }

  /** Streams of one seed are independent of each other, such as the runs of a simulation. */
  static seeded(seed: number, stream = 0): Xoshiro128 {
    let word = (splitmix32(seed >>> 0) ^ splitmix32(~stream >>> 0)) >>> 0;
    const parts: readonly number[] = [seed, stream, 0, 0];
    const state = parts.map((part) => {
      word = (word + 0x9e3779b9) >>> 0;
      return splitmix32(word) ^ part;
    });
    return new Xoshiro128(state.some((part) => part !== 0) ? state : [1, 0, 0, 0]);
  }

  /** The next integer in [0, 2³²). */
  next(): number {
    if (this.#at === RESERVE_MAX) this.#refill();
    return this.words[this.#at++] as number;
  }

  /**
   * Takes `count` words at once, for loops that read `words` themselves, from the index returned on;
   * they lie there until the next call of any method. What is left of a block that is too short is
   * passed over. 0 < count <= RESERVE_MAX.
   */
  reserve(count: number): number {
    if (this.#at + count > RESERVE_MAX) this.#refill();
    const from = this.#at;
    this.#at += count;
    return from;
  }

  /** The next number in [0, 1), of 53 random bits. */
  nextUnit(): number {
    const high = this.next() >>> 5;
    return (high * 0x400_0000 + (this.next() >>> 6)) / 2 ** 53;
  }

  /** An integer in [0, `range`), each as likely as any other (Lemire 2019). 0 < range <= 2²¹. */
  below(range: number): number {
    let word = this.next();
    let low = Math.imul(word, range) >>> 0;
    if (low < range) {
      const unfair = 0x1_0000_0000 % range;
      while (low < unfair) {
        word = this.next();
        low = Math.imul(word, range) >>> 0;
      }
    }
    return (word * range - low) / 0x1_0000_0000;
  }

  #refill(): void {
    const state = this.#state;
    const words = this.words;
    let s0 = state[0] as number;
    let s1 = state[1] as number;
    let s2 = state[2] as number;
    let s3 = state[3] as number;
    for (let i = 0; i < RESERVE_MAX; i++) {
      const product = Math.imul(s1, 5);
      words[i] = Math.imul((product << 7) | (product >>> 25), 9);
      const shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    state[0] = s0;
    state[1] = s1;
    state[2] = s2;
    state[3] = s3;
    this.#at = 0;
  }
}

/** One step of splitmix32, which spreads near seeds apart. */
function splitmix32(seed: number): number {
  let word = seed;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}
