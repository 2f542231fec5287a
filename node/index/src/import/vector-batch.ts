// What every importer yields and accepts: rows in batches, as a bulk load takes them.

import { checkInteger } from '../check-input.ts';

/** Fields of a row besides its vector, as the file had them. */
export type RowMetadata = Readonly<Record<string, unknown>>;

/** Some rows of a file, in its order. */
export interface VectorBatch {
  /** One per row. */
  readonly ids: string[];
  /** `[ids.length × dimension]`; bytes when the file holds bytes. */
  readonly vectors: Float32Array | Uint8Array;
  readonly dimension: number;
  /** One per row; absent when the format knows none. */
  readonly metadata?: readonly (RowMetadata | undefined)[];
}

export interface ImportProgress {
  /** Rows that were yielded. */
  readonly rows: number;
  readonly bytes: number;
  readonly totalBytes: number;
}

export interface ImportOptions {
  /** Rows of a batch at most; fewer when they would pass `batchBytesMax`. */
  readonly batchRows?: number;
  /** Stands before the row number, or the label, where a format has no ids of its own. */
  readonly idPrefix?: string;
  readonly signal?: AbortSignal;
  /** Called after each batch was taken. */
  readonly onProgress?: (progress: ImportProgress) => void;
}

export const IMPORT_LIMITS = Object.freeze({
  /** Rows of a batch when the caller names no number. */
  batchRowsDefault: 1_000,
  batchRowsMax: 65_536,
  /** Bytes of the file behind one batch, but at least one row. */
  batchBytesMax: 1 << 24,
  /** Text before the data of a `.npy` file; NumPy itself reads 10,000 unless told otherwise. */
  npyHeaderBytesMax: 65_536,
  /** One line of a JSONL file. */
  lineBytesMax: 1 << 23,
});

/**
 * The number of rows that one batch holds.
 *
 * @throws IndexError `invalid-option`, `limit-exceeded`
 */
export function batchRowsOf(options: ImportOptions, rowBytes: number): number {
  const batchRows = options.batchRows ?? IMPORT_LIMITS.batchRowsDefault;
  checkInteger('batchRows', batchRows, 1, IMPORT_LIMITS.batchRowsMax);
  return Math.max(1, Math.min(batchRows, Math.floor(IMPORT_LIMITS.batchBytesMax / rowBytes)));
}

/** Names rows `first … first + count - 1` by their numbers. */
export function rowIds(first: number, count: number, idPrefix = ''): string[] {
  return Array.from({ length: count }, (_, row) => `${idPrefix}${first + row}`);
}
