// A random orthogonal map that takes D log D steps: random signs, Walsh–Hadamard transforms (Ailon
// & Chazelle 2009) over the first and the last 2^⌊log₂ D⌋ components in turn, and sums and
// differences of the halves between them, so that D need not be a power of two.

import { SeededRandom } from '../seeded-random.ts';

const ROUNDS = 4;

/** Invariant: lengths and inner products stay as they are, but for rounding. */
export class RandomRotation {
  readonly #dimension: number;
  readonly #window: number;
  /** `[ROUNDS × dimension]`, each 1 or −1. */
  readonly #signs: Float32Array;

  /** @param dimension - even */
  constructor(dimension: number, seed: number) {
    const random = new SeededRandom(seed);
    this.#dimension = dimension;
    this.#window = 2 ** Math.floor(Math.log2(dimension));
    this.#signs = Float32Array.from({ length: ROUNDS * dimension }, () =>
      random.nextUint32() & 1 ? 1 : -1,
    );
  }

  /** Rotates a row in place. */
  apply(row: Float32Array): void {
    for (let round = 0; round < ROUNDS; round++) {
      this.#flip(row, round);
      this.#transform(row, round);
      this.#mixHalves(row);
    }
  }

  /** Turns a row back in place. */
  invert(row: Float32Array): void {
    for (let round = ROUNDS - 1; round >= 0; round--) {
      this.#mixHalves(row);
      this.#transform(row, round);
      this.#flip(row, round);
    }
  }

  #flip(row: Float32Array, round: number): void {
    const start = round * this.#dimension;
    for (let i = 0; i < row.length; i++) {
      row[i] = (row[i] as number) * (this.#signs[start + i] as number);
    }
  }

  #transform(row: Float32Array, round: number): void {
    const start = round % 2 === 0 ? 0 : this.#dimension - this.#window;
    walshHadamard(row.subarray(start, start + this.#window));
  }

  // A transform over all components mixed them last, and this would undo it.
  #mixHalves(row: Float32Array): void {
    if (this.#window === this.#dimension) return;
    const half = this.#dimension / 2;
    for (let i = 0; i < half; i++) {
      const a = row[i] as number;
      const b = row[i + half] as number;
      row[i] = (a + b) * Math.SQRT1_2;
      row[i + half] = (a - b) * Math.SQRT1_2;
    }
  }
}

// Its own inverse, as is the mixing of halves.
function walshHadamard(values: Float32Array): void {
  const { length } = values;
  for (let half = 1; half < length; half *= 2) {
    for (let start = 0; start < length; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const a = values[i] as number;
        const b = values[i + half] as number;
        values[i] = a + b;
        values[i + half] = a - b;
      }
    }
  }
  const scale = 1 / Math.sqrt(length);
  for (let i = 0; i < length; i++) values[i] = (values[i] as number) * scale;
}
