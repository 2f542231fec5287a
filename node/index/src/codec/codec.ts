// The promise that every vector type keeps: how a vector becomes a row of bytes, how a query is
// prepared once, and what the keys mean by which the kernel ranks the two.

import type { Metric } from '../vector-index.ts';
import type { DimensionOrder } from './dimension-order.ts';

/** Exact: `f32`, `u8`. Lossy, to be ranked again by exact rows: the others. */
export const CODEC_TYPES = ['f32', 'f16', 'u8', 'sq8', 'pq8', 'pq4', 'binary', 'rabitq'] as const;

export type CodecType = (typeof CODEC_TYPES)[number];

/** Components as callers hold them, one vector after the other. */
export type Components = Float32Array | Uint8Array;

export interface CodecOptions {
  readonly vectorType: CodecType;
  readonly metric: Metric;
  readonly dimension: number;
  /** Parts that a row is cut into, `pq8` and `pq4`; up to the dimension. */
  readonly subspaces?: number;
  /** Share of a component's values left out at either end of its range, `sq8`; below 0.5. */
  readonly clippedShare?: number;
  /** Bits of a component of a prepared query, `rabitq`. */
  readonly queryBits?: 4 | 8;
  /** Seed of whatever is random: k-means, rotation. */
  readonly seed?: number;
}

/** What a codec learned and was told; `restoreCodec` makes an equal codec of it. */
export interface CodecParameters {
  readonly options: CodecOptions;
  readonly learned: Float32Array;
  /** The order of a row's components where it is not the natural one; `f32` and `u8`. */
  readonly order?: DimensionOrder;
}

/**
 * Vectors go in as the caller holds them, not scaled: under `cosine` the codec scales rows and
 * queries to length one.
 *
 * Invariant: where `buildsOnExactRows` is false, a row is also a prepared query, and `measure`
 * compares any two rows.
 */
export interface Codec {
  readonly vectorType: CodecType;
  readonly metric: Metric;
  readonly dimension: number;
  /** Bytes of a stored row, a multiple of 16. */
  readonly rowBytes: number;
  /** Bytes of a prepared query, a multiple of 16. */
  readonly queryBytes: number;
  /** The kernel's number of this comparison. */
  readonly measure: number;
  /** Whether ranks of codes are ranks of the vectors, but for float32 rounding. */
  readonly isLossless: boolean;
  /** Whether two rows cannot be compared, so that a graph must be built on exact rows. */
  readonly buildsOnExactRows: boolean;

  /**
   * Refuses components that cannot be stored or compared; `vectors` are finite.
   *
   * @throws IndexError `no-byte`, `limit-exceeded`
   */
  checkComponents(vectors: Components): void;

  /**
   * Writes the row of the vector at `source[sourceStart]`, all its `rowBytes`, padding included.
   *
   * @param targetStart - a multiple of 4 in the buffer of `target`
   */
  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void;

  /**
   * The vector that a row stands for, `[dimension]`.
   *
   * @param row - `[rowBytes]`, beginning at a multiple of 4 in its buffer
   */
  decode(row: Uint8Array): Float32Array;

  /**
   * Writes the query in the form in which the kernel compares it with rows.
   *
   * @param query - `[dimension]`
   * @param target - `[queryBytes]`, beginning at a multiple of 4 in its buffer
   */
  prepareQuery(query: Components, target: Uint8Array): void;

  /**
   * The distance that a key stands for: exact where the codec is lossless, else an estimate.
   * `binary` has no distances, only an order: its keys count differing signs.
   */
  distanceOfKey(key: number): number;

  parameters(): CodecParameters;
}

/** The kernel loads sixteen bytes at a time. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
