// xoshiro128** 1.1 (Blackman & Vigna 2018, https://prng.di.unimi.it), seeded by splitmix32.
// Small, fast and reproducible; not for secrets.

/** A reproducible stream of numbers whose state can be stored and resumed. */
export class SeededRandom {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = new Uint32Array(4);
    let word = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      word = (word + 0x9e3779b9) >>> 0;
      this.#state[i] = splitmix32(word);
    }
  }

  /** Resumes a stream from the four words of `state()`. */
  static resume(state: readonly number[]): SeededRandom {
    const random = new SeededRandom(0);
    random.#state.set(state);
    return random;
  }

  /** The four words from which `resume` continues this stream. */
  state(): number[] {
    return [...this.#state];
  }

  /** A stream of its own that continues as this one does. */
  clone(): SeededRandom {
    return SeededRandom.resume(this.state());
  }

  /** The next integer in `[0, 2³²)`. */
  nextUint32(): number {
    const s = this.#state;
    const s1 = s[1] as number;
    const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    const shifted = s1 << 9;
    s[2] = (s[2] as number) ^ (s[0] as number);
    s[3] = (s[3] as number) ^ s1;
    s[1] = s1 ^ (s[2] as number);
    s[0] = (s[0] as number) ^ (s[3] as number);
    s[2] = (s[2] as number) ^ shifted;
    s[3] = rotateLeft(s[3] as number, 11);
    return result;
  }

  /** The next number in the open interval `(0, 1)`; its logarithm is always finite. */
  nextOpenUnit(): number {
    return (this.nextUint32() + 0.5) / 0x1_0000_0000;
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function splitmix32(seed: number): number {
  let word = seed;
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}
