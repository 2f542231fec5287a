// A batch's entries sorted by bucket (counting sort), so that each touched table row is met once.

import { gatherRow } from './dense-kernels.ts';
import type { PairRows } from './pair-batch.ts';
import type { SparseRows } from './sparse-rows.ts';

export class BatchColumns {
  /** Buckets with an entry in the last batch, ascending; the first `touched` are valid. */
  readonly buckets: Int32Array;
  touched = 0;
  readonly #sides: readonly SparseRows[];
  /** Where a bucket's column ends; it starts where the one before ends. */
  readonly #ends: Int32Array;
  readonly #rows: Int32Array;
  readonly #weights: Float32Array;

  constructor({ queries, answers }: PairRows, batchSizeMax: number) {
    this.buckets = new Int32Array(queries.buckets);
    this.#sides = [queries, answers];
    this.#ends = new Int32Array(queries.buckets + 1);
    const entriesMax = batchSizeMax * (longestRow(queries) + longestRow(answers));
    this.#rows = new Int32Array(entriesMax);
    this.#weights = new Float32Array(entriesMax);
  }

  /**
   * Lists examples order[start … end − 1].
   *
   * @param answersFrom row of the first answer in what `sum` takes; queries stand from row 0 on
   */
  list(order: Int32Array, start: number, end: number, answersFrom: number): void {
    const ends = this.#ends;
    ends.fill(0);
    for (const rows of this.#sides) {
      for (let i = start; i < end; i++) {
        const row = order[i] as number;
        const last = rows.offsets[row + 1] as number;
        for (let e = rows.offsets[row] as number; e < last; e++) {
          const slot = (rows.indices[e] as number) + 1;
          ends[slot] = (ends[slot] as number) + 1;
        }
      }
    }
    this.touched = 0;
    for (let bucket = 0; bucket < this.buckets.length; bucket++) {
      if ((ends[bucket + 1] as number) > 0) this.buckets[this.touched++] = bucket;
      ends[bucket + 1] = (ends[bucket] as number) + (ends[bucket + 1] as number);
    }
    // Filling moves each start to its column's end, where `sum` finds it.
    for (const [side, rows] of this.#sides.entries()) {
      for (let i = start; i < end; i++) {
        const row = order[i] as number;
        const last = rows.offsets[row + 1] as number;
        for (let e = rows.offsets[row] as number; e < last; e++) {
          const bucket = rows.indices[e] as number;
          const slot = ends[bucket] as number;
          this.#rows[slot] = side * answersFrom + i - start;
          this.#weights[slot] = rows.weights[e] as number;
          ends[bucket] = slot + 1;
        }
      }
    }
  }

  /** Σ of the rows of `gradient` [rows × dimension] that met buckets[t], weighted, into `out`. */
  sum(t: number, gradient: Float32Array, out: Float64Array): void {
    const bucket = this.buckets[t] as number;
    const start = bucket === 0 ? 0 : (this.#ends[bucket - 1] as number);
    const end = this.#ends[bucket] as number;
    gatherRow(gradient, out.length, this.#rows, this.#weights, start, end, out, 0);
  }
}

function longestRow(rows: SparseRows): number {
  let longest = 0;
  for (let row = 0; row < rows.rows; row++) {
    const length = (rows.offsets[row + 1] as number) - (rows.offsets[row] as number);
    longest = Math.max(longest, length);
  }
  return longest;
}
