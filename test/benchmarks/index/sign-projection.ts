// A random projection by signs (Achlioptas 2003), quantised to bytes: one centre per component and
// one scale for all, so that distances keep their order up to rounding.

import { SeededRandom } from '@starling/index';

/** Standard deviations on either side of the centre that a byte covers; the rest is clipped. */
const DEVIATIONS = 4;
const BYTE_MAX = 255;

export class SignProjection {
  readonly dimension: number;
  readonly #from: number;
  /** `[from × dimension]`, +1 or −1. */
  readonly #signs: Int8Array;
  /** Sums of one row; whole numbers, so no machine rounds them. */
  readonly #sums: Int32Array;
  readonly #centres: Float64Array;
  readonly #scale: number;

  /** @param sample - `[n × from]`: rows that centre and scale are taken from */
  constructor(sample: Uint8Array, from: number, dimension: number, seed: number) {
    const random = new SeededRandom(seed);
    this.dimension = dimension;
    this.#from = from;
    this.#signs = Int8Array.from({ length: from * dimension }, () =>
      random.nextUint32() & 1 ? 1 : -1,
    );
    this.#sums = new Int32Array(dimension);
    this.#centres = new Float64Array(dimension);
    const squares = this.#centre(sample);
    const deviation = Math.sqrt(squares / dimension);
    this.#scale = deviation === 0 ? 1 : BYTE_MAX / (2 * DEVIATIONS * deviation);
  }

  /** Writes the projection of `row` (`[from]`) to `to[at .. at + dimension)`. */
  projectInto(row: Uint8Array, to: Uint8Array, at: number): void {
    this.#sum(row);
    for (let d = 0; d < this.dimension; d++) {
      const centred = (this.#sums[d] as number) - (this.#centres[d] as number);
      const byte = Math.round(centred * this.#scale + BYTE_MAX / 2);
      to[at + d] = Math.max(0, Math.min(BYTE_MAX, byte));
    }
  }

  /** Sets the centres to the means and returns the sum of the variances. */
  #centre(sample: Uint8Array): number {
    const rows = sample.length / this.#from;
    const squares = new Float64Array(this.dimension);
    for (let row = 0; row < rows; row++) {
      this.#sum(sample.subarray(row * this.#from, (row + 1) * this.#from));
      for (const [d, sum] of this.#sums.entries()) {
        this.#centres[d] = (this.#centres[d] as number) + sum / rows;
        squares[d] = (squares[d] as number) + (sum * sum) / rows;
      }
    }
    return squares.reduce(
      (total, square, d) => total + square - (this.#centres[d] as number) ** 2,
      0,
    );
  }

  #sum(row: Uint8Array): void {
    const sums = this.#sums.fill(0);
    const { dimension } = this;
    for (let i = 0; i < row.length; i++) {
      const value = row[i] as number;
      if (value === 0) continue;
      const signs = i * dimension;
      for (let d = 0; d < dimension; d++) {
        sums[d] = (sums[d] as number) + value * (this.#signs[signs + d] as number);
      }
    }
  }
}
