// The nearest of a set of centroids, for many rows at once, by the kernel of
// `assembly/nearest-centroid.ts` on a memory of its own.

import { IndexError } from '../index-error.ts';
import { MEMORY_PAGES_MAX, readKernel } from '../memory/kernel.ts';

/** Rows as callers hold them, `[rows × dimension]`. */
export type SourceRows = Float32Array | Uint8Array;

interface CentroidKernel {
  nearestCentroids(
    rows: number,
    rowCount: number,
    rowBytes: number,
    centroids: number,
    centroidCount: number,
    firstNumber: number,
    nearest: number,
    squares: number,
  ): void;
  squaresToNearest(
    rows: number,
    rowCount: number,
    rowBytes: number,
    centroids: number,
    nearest: number,
    squares: number,
  ): void;
}

// Neither the language's library nor @types/node declares what every Node 24 has.
interface WebAssemblyRuntime {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyRuntime };
const KERNEL_FILE = new URL('./kernel.wasm', import.meta.url);
const PAGE_BYTES = 65_536;
const LANES = 4;

let compiled: object | undefined;

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
  readonly #kernel: CentroidKernel;

  /** @throws IndexError `limit-exceeded`, `missing-kernel` */
  constructor(dimension: number, clusters: number, capacity: number) {
    this.dimension = dimension;
    this.clusters = clusters;
    this.capacity = capacity;
    this.rowLength = Math.ceil(dimension / LANES) * LANES;
    const centroidsLength = clusters * this.rowLength;
    const rowsLength = capacity * this.rowLength;
    const words = centroidsLength + rowsLength + 2 * capacity;
    const { buffer, kernel } = instantiate(words * 4);
    this.#kernel = kernel;
    this.centroids = new Float32Array(buffer, 0, centroidsLength);
    this.rows = new Float32Array(buffer, centroidsLength * 4, rowsLength);
    this.squares = new Float32Array(buffer, (centroidsLength + rowsLength) * 4, capacity);
    this.nearest = new Int32Array(buffer, (words - capacity) * 4, capacity);
  }

  /** Copies components `[from, from + dimension)` of row `sourceRow` to place `row`. */
  putRow(row: number, source: SourceRows, sourceRow: number, stride: number, from = 0): void {
    const start = sourceRow * stride + from;
    this.rows.set(source.subarray(start, start + this.dimension), row * this.rowLength);
  }

  /** Finds the nearest of all centroids for each of the first `count` rows. */
  assign(count: number): void {
    this.squares.fill(Number.POSITIVE_INFINITY, 0, count);
    this.nearest.fill(0, 0, count);
    this.#compare(count, 0, this.clusters);
  }

  /**
   * The same where `nearest` holds a good guess, such as the nearest centroid of the last
   * iteration: its distance lets most others be given up early. A tie keeps the guess.
   */
  reassign(count: number): void {
    this.#kernel.squaresToNearest(
      this.rows.byteOffset,
      count,
      this.rowLength * 4,
      this.centroids.byteOffset,
      this.nearest.byteOffset,
      this.squares.byteOffset,
    );
    this.#compare(count, 0, this.clusters);
  }

  /** Compares the first `count` rows with one more centroid. */
  assignOne(count: number, centroid: number): void {
    this.#compare(count, centroid, 1);
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

function instantiate(bytes: number): { buffer: ArrayBuffer; kernel: CentroidKernel } {
  compiled ??= new WebAssembly.Module(readKernel(KERNEL_FILE));
  const initial = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
  if (initial > MEMORY_PAGES_MAX) throw tooLarge(bytes);
  try {
    const memory = new WebAssembly.Memory({ initial, maximum: MEMORY_PAGES_MAX });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    return { buffer: memory.buffer, kernel: exports as CentroidKernel };
  } catch (cause) {
    throw tooLarge(bytes, cause);
  }
}

function tooLarge(bytes: number, cause?: unknown): IndexError {
  return new IndexError(
    'limit-exceeded',
    `k-means needs ${bytes} bytes of memory; train on fewer rows or fewer clusters`,
    { cause },
  );
}
