// The Mersenne Twister MT19937, 32 bits (Matsumoto, Nishimura 1998), seeded as in its reference.
// It is for simulation and for draws that everyone must repeat; it hides nothing.

import type { RandomSource } from './random-source.ts';

const STATE_WORDS = 624;
const SHIFT_WORDS = 397;
const UPPER_BIT = 0x8000_0000;
const LOWER_BITS = 0x7fff_ffff;
const TWIST = 0x9908_b0df;
const DEFAULT_SEED = 5489;

export class Mt19937 implements RandomSource {
  readonly #state = new Uint32Array(STATE_WORDS);
  #next = STATE_WORDS;

  /** A seed of one word (only its low 32 bits count), or of a list of words. */
  constructor(seed: number | readonly number[] = DEFAULT_SEED) {
    if (typeof seed === 'number') this.seed(seed);
    else this.#seedWithWords(seed);
  }

  /** Starts again from a seed of one word. */
  seed(seed: number): void {
    const state = this.#state;
    state[0] = seed >>> 0;
    for (let i = 1; i < STATE_WORDS; i += 1) {
      const before = word(state, i - 1);
      state[i] = Math.imul(1_812_433_253, before ^ (before >>> 30)) + i;
    }
    this.#next = STATE_WORDS;
  }

  nextUint32(): number {
    if (this.#next === STATE_WORDS) this.#twist();
    let drawn = word(this.#state, this.#next);
    this.#next += 1;
    drawn ^= drawn >>> 11;
    drawn ^= (drawn << 7) & 0x9d2c_5680;
    drawn ^= (drawn << 15) & 0xefc6_0000;
    drawn ^= drawn >>> 18;
    return drawn >>> 0;
  }

  #twist(): void {
    const state = this.#state;
    for (let i = 0; i < STATE_WORDS; i += 1) {
      const following = word(state, i + 1 === STATE_WORDS ? 0 : i + 1);
      const mixed = (word(state, i) & UPPER_BIT) | (following & LOWER_BITS);
      const far = i + SHIFT_WORDS;
      const shifted = word(state, far < STATE_WORDS ? far : far - STATE_WORDS);
      state[i] = shifted ^ (mixed >>> 1) ^ ((mixed & 1) === 0 ? 0 : TWIST);
    }
    this.#next = 0;
  }

  #seedWithWords(words: readonly number[]): void {
    if (words.length === 0) throw new RangeError('a seed needs at least one word');
    this.seed(19_650_218);
    const state = this.#state;
    let at = 1;
    const advance = () => {
      at += 1;
      if (at < STATE_WORDS) return;
      state[0] = word(state, STATE_WORDS - 1);
      at = 1;
    };
    for (let i = 0; i < Math.max(STATE_WORDS, words.length); i += 1) {
      const from = i % words.length;
      const mixed = Math.imul(scrambled(state, at), 1_664_525);
      state[at] = (word(state, at) ^ mixed) + ((words[from] ?? 0) >>> 0) + from;
      advance();
    }
    for (let i = 1; i < STATE_WORDS; i += 1) {
      const mixed = Math.imul(scrambled(state, at), 1_566_083_941);
      state[at] = (word(state, at) ^ mixed) - at;
      advance();
    }
    state[0] = UPPER_BIT;
  }
}

function word(state: Uint32Array, index: number): number {
  return state[index] ?? 0;
}

function scrambled(state: Uint32Array, at: number): number {
  const before = word(state, at - 1);
  return before ^ (before >>> 30);
}
