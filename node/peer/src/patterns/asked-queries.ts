// The last queries of a site, as hashed features: what patterns are learned from. In memory only, and
// never part of a message.

import type { SparseRows } from '@starling/training';

/** At most 4 KiB each. */
export const ASKED_QUERIES_MAX = 5_000;

/** Invariant: at most `ASKED_QUERIES_MAX` queries, the newest. */
export class AskedQueries {
  readonly #ring: SparseRows[] = [];
  #asked = 0;

  /** How many were ever asked. */
  get count(): number {
    return this.#asked;
  }

  /** @param features - one row */
  record(features: SparseRows): void {
    this.#ring[this.#asked % ASKED_QUERIES_MAX] = features;
    this.#asked += 1;
  }

  /** The kept ones, oldest first. */
  rows(): SparseRows[] {
    const oldest = this.#asked > ASKED_QUERIES_MAX ? this.#asked % ASKED_QUERIES_MAX : 0;
    return [...this.#ring.slice(oldest), ...this.#ring.slice(0, oldest)];
  }
}

/** Rows of several parts as one. @param buckets - of all of them */
export function joinRows(parts: readonly SparseRows[], buckets: number): SparseRows {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const entries = parts.reduce((sum, part) => sum + part.indices.length, 0);
  const joined = {
    rows,
    buckets,
    offsets: new Int32Array(rows + 1),
    indices: new Int32Array(entries),
    weights: new Float32Array(entries),
  };
  let row = 0;
  let entry = 0;
  for (const part of parts) {
    joined.indices.set(part.indices, entry);
    joined.weights.set(part.weights, entry);
    for (let r = 1; r <= part.rows; r++) {
      joined.offsets[row + r] = entry + (part.offsets[r] as number);
    }
    row += part.rows;
    entry += part.indices.length;
  }
  return joined;
}

/** Equal for queries of the same words, whatever their order. */
export function queryKey({ indices, offsets, weights }: SparseRows, row: number): string {
  const [from, to] = [offsets[row], offsets[row + 1]];
  return `${indices.subarray(from, to).join()}:${weights.subarray(from, to).join()}`;
}
