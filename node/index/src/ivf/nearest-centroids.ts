// The nearest of a set of centroids, for many rows at once, by `assembly/nearest-centroid.ts`.

import { type IvfKernel, IvfMemory } from './ivf-kernel.ts';

/** Rows as callers hold them, `[rows × dimension]`. */
export type SourceRows = Float32Array | Uint8Array;

const LANES = 4;
/** Up to so many components four centroids are compared at a time. */
const SHORT_LENGTH_MAX = 48;
/** Fewer rows are not worth laying the centroids out for that. */
const SHORT_ROWS_MIN = 16;

/**
 * Room for `clusters` centroids and `capacity` rows of one dimension, in a memory that lives as
 * long as this object. Distances are squared Euclidean.
 *
 * Invariant: what lies behind the dimension of a row or centroid is zero.
 */
export class NearestCentroids {
  readonly dimension: number;
  readonly clusters: number;
  readonly capacity: number;
  /** Components from one row, or centroid, to the next. */
  readonly rowLength: number;
  /** `[clusters × rowLength]` */
  readonly centroids: Float32Array;
  /** `[capacity × rowLength]` */
  readonly rows: Float32Array;
  /** The number of the centroid nearest to each row, `[capacity]`. */
  readonly nearest: Int32Array;
  /** The squared distance of each row from that centroid, `[capacity]`. */
  readonly squares: Float32Array;
  readonly #keys: Uint32Array;
  /** Centroids in blocks of four, component after component; empty when rows are long. */
  readonly #blocks: Float32Array;
  readonly #kernel: IvfKernel;

  /** @throws IndexError `limit-exceeded`, `missing-kernel` */
  constructor(dimension: number, clusters: number, capacity: number) {
    this.dimension = dimension;
    this.clusters = clusters;
    this.capacity = capacity;
    this.rowLength = Math.ceil(dimension / LANES) * LANES;
    const centroidsLength = clusters * this.rowLength;
    const rowsLength = capacity * this.rowLength;
    const words = centroidsLength + rowsLength + 2 * capacity + clusters;
    const blocks = this.rowLength > SHORT_LENGTH_MAX ? 0 : Math.ceil(clusters / LANES);
    const blocksLength = blocks * LANES * this.rowLength;
    const { buffer, kernel } = new IvfMemory((words + blocksLength) * 4);
    this.#kernel = kernel;
    this.centroids = new Float32Array(buffer, 0, centroidsLength);
    this.rows = new Float32Array(buffer, centroidsLength * 4, rowsLength);
    this.squares = new Float32Array(buffer, (centroidsLength + rowsLength) * 4, capacity);
    this.nearest = new Int32Array(buffer, (words - clusters - capacity) * 4, capacity);
    this.#keys = new Uint32Array(buffer, (words - clusters) * 4, clusters);
    this.#blocks = new Float32Array(buffer, words * 4, blocksLength);
  }

  get bytes(): number {
    return this.centroids.buffer.byteLength;
  }

  /** Copies components `[from, from + dimension)` of row `sourceRow` to place `row`. */
  putRow(row: number, source: SourceRows, sourceRow: number, stride: number, from = 0): void {
    const start = sourceRow * stride + from;
    this.rows.set(source.subarray(start, start + this.dimension), row * this.rowLength);
  }

  /** Finds the nearest of all centroids for each of the first `count` rows. */
  assign(count: number): void {
    if (this.#assignShort(count)) return;
    this.squares.fill(Number.POSITIVE_INFINITY, 0, count);
    this.nearest.fill(0, 0, count);
    this.#compare(count, 0, this.clusters);
  }

  /**
   * The same where `nearest` holds a good guess, such as the nearest centroid of the last
   * iteration: its distance lets most others be given up early.
   */
  reassign(count: number): void {
    if (this.#assignShort(count)) return;
    this.measure(count);
    this.#compare(count, 0, this.clusters);
  }

  /** Measures how far the first `count` rows are from the centroids that `nearest` names. */
  measure(count: number): void {
    this.#kernel.squaresToNearest(
      this.rows.byteOffset,
      count,
      this.rowLength * 4,
      this.centroids.byteOffset,
      this.nearest.byteOffset,
      this.squares.byteOffset,
    );
  }

  /** Compares the first `count` rows with one more centroid. */
  assignOne(count: number, centroid: number): void {
    this.#compare(count, centroid, 1);
  }

  /** The rank keys of all centroids for the first row; the next call overwrites them. */
  rankAll(measure: number): Uint32Array {
    const { centroids, clusters, rowLength, rows } = this;
    this.#kernel.configure(measure, rowLength * 4);
    this.#kernel.rankCodes(rows.byteOffset, centroids.byteOffset, clusters, this.#keys.byteOffset);
    return this.#keys;
  }

  #assignShort(count: number): boolean {
    if (this.#blocks.length === 0 || count < SHORT_ROWS_MIN) return false;
    this.#layOutBlocks();
    this.#kernel.nearestShort(
      this.rows.byteOffset,
      count,
      this.rowLength * 4,
      this.#blocks.byteOffset,
      this.#blocks.length / LANES / this.rowLength,
      this.nearest.byteOffset,
      this.squares.byteOffset,
    );
    return true;
  }

  #layOutBlocks(): void {
    const { centroids, clusters, rowLength } = this;
    this.#blocks.fill(Number.POSITIVE_INFINITY);
    for (let c = 0; c < clusters; c++) {
      const start = (c - (c % LANES)) * rowLength + (c % LANES);
      for (let d = 0; d < rowLength; d++) {
        this.#blocks[start + d * LANES] = centroids[c * rowLength + d] as number;
      }
    }
  }

  #compare(count: number, first: number, clusters: number): void {
    const rowBytes = this.rowLength * 4;
    this.#kernel.nearestCentroids(
      this.rows.byteOffset,
      count,
      rowBytes,
      this.centroids.byteOffset + first * rowBytes,
      clusters,
      first,
      this.nearest.byteOffset,
      this.squares.byteOffset,
    );
  }
}
