import { TrainingError } from './training-error.ts';

/**
 * Sparse rows in compressed form (CSR): row r holds the entries offsets[r] … offsets[r + 1] − 1.
 *
 * Invariant: `offsets` has rows + 1 ascending values from 0 to the number of entries.
 * Invariant: the indices of one row are distinct and ascending, each below `buckets`.
 */
export interface SparseRows {
  readonly rows: number;
  readonly buckets: number;
  /** [rows + 1] */
  readonly offsets: Int32Array;
  /** [entries] */
  readonly indices: Int32Array;
  /** [entries] */
  readonly weights: Float32Array;
}

/** The given rows of `source`, in that order, as rows of their own. Throws `shape-mismatch`. */
export function selectRows(source: SparseRows, rows: ArrayLike<number>): SparseRows {
  const offsets = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    if (!(row >= 0 && row < source.rows)) {
      throw new TrainingError('shape-mismatch', `row ${row} is not in 0 … ${source.rows - 1}`);
    }
    const length = (source.offsets[row + 1] as number) - (source.offsets[row] as number);
    offsets[i + 1] = (offsets[i] as number) + length;
  }
  const indices = new Int32Array(offsets[rows.length] as number);
  const weights = new Float32Array(offsets[rows.length] as number);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const start = source.offsets[row] as number;
    const end = source.offsets[row + 1] as number;
    indices.set(source.indices.subarray(start, end), offsets[i]);
    weights.set(source.weights.subarray(start, end), offsets[i]);
  }
  return { rows: rows.length, buckets: source.buckets, offsets, indices, weights };
}

/**
 * Checks the invariants of rows from outside this room, so that kernels may trust their indices.
 * Throws `shape-mismatch` with the violated one, or `non-finite-parameter` for a weight.
 */
export function assertSparseRows(rows: SparseRows, what: string): void {
  const { offsets, indices, weights } = rows;
  const entries = indices.length;
  const fail = (reason: string): never => {
    throw new TrainingError('shape-mismatch', `${what}: ${reason}`);
  };
  if (offsets.length !== rows.rows + 1) fail(`${offsets.length} offsets for ${rows.rows} rows`);
  if (weights.length !== entries) fail(`${weights.length} weights for ${entries} indices`);
  if (offsets[0] !== 0 || offsets[rows.rows] !== entries) fail('offsets do not span the entries');
  for (let row = 0; row < rows.rows; row++) {
    const end = offsets[row + 1] as number;
    if (end < (offsets[row] as number) || end > entries) fail(`offsets fall after row ${row}`);
    let previous = -1;
    for (let e = offsets[row] as number; e < end; e++) {
      const index = indices[e] as number;
      if (index <= previous || index >= rows.buckets) fail(`row ${row} has bucket ${index}`);
      if (!Number.isFinite(weights[e])) fail(`row ${row} has weight ${weights[e]}`);
      previous = index;
    }
  }
}

/** A 32-bit hash of every row's indices and weights; equal rows hash equally. [rows] */
export function rowHashes(source: SparseRows): Int32Array {
  const bits = new Int32Array(
    source.weights.buffer,
    source.weights.byteOffset,
    source.weights.length,
  );
  const hashes = new Int32Array(source.rows);
  for (let row = 0; row < source.rows; row++) {
    let hash = 0x811c9dc5 | 0;
    const end = source.offsets[row + 1] as number;
    for (let e = source.offsets[row] as number; e < end; e++) {
      hash = Math.imul(hash ^ (source.indices[e] as number), 0x01000193);
      hash = Math.imul(hash ^ (bits[e] as number) ^ (hash >>> 15), 0x85ebca6b);
    }
    hashes[row] = hash;
  }
  return hashes;
}
