// Product quantisation (Jégou, Douze & Schmid, PAMI 2011): a row is cut into parts, and each part
// is replaced by the number of the nearest of a few centroids of its subspace.

import { kMeans } from '../ivf/k-means.ts';
import { DOT, EUCLIDEAN, MANHATTAN } from '../memory/memory-map.ts';
import type { Metric } from '../vector-index.ts';
import { KernelScratch } from './kernel-scratch.ts';

export interface ProductOptions {
  readonly dimension: number;
  readonly subspaces: number;
  /** Of each subspace; a multiple of 16. */
  readonly centroids: number;
  readonly metric: Metric;
}

// Faiss takes 25 iterations on up to 256 rows; they find little more.
const ITERATIONS_MAX = 8;
const POINTS_PER_CENTROID_MAX = 32;

const MEASURES: Readonly<Record<Metric, number>> = {
  cosine: DOT,
  euclidean: EUCLIDEAN,
  dot: DOT,
  manhattan: MANHATTAN,
};

/** Codebooks of all subspaces, in the memory of a kernel. */
export class ProductQuantiser {
  /** For every subspace from component `start` to `end` on `[centroids × (end − start)]`. */
  readonly codebooks: Float32Array;
  readonly #options: ProductOptions;
  readonly #scratch: KernelScratch;
  readonly #columns: number;
  readonly #row: Float32Array;
  /** `[subspaces × centroids]` */
  readonly #tables: Float32Array;

  /** @param codebooks - `[centroids · dimension]`, as `codebooks` holds them */
  constructor(options: ProductOptions, codebooks: Float32Array) {
    const { centroids, dimension, subspaces } = options;
    const tablesLength = subspaces * centroids;
    this.#options = options;
    this.codebooks = codebooks;
    this.#scratch = new KernelScratch((codebooks.length + dimension + tablesLength + 8) * 4);
    const { buffer } = this.#scratch;
    this.#columns = this.#scratch.take(codebooks.length * 4);
    this.#row = new Float32Array(buffer, this.#scratch.take(dimension * 4), dimension);
    this.#tables = new Float32Array(buffer, this.#scratch.take(tablesLength * 4), tablesLength);
    const columns = new Float32Array(buffer, this.#columns, codebooks.length);
    for (let part = 0; part < subspaces; part++) this.#transpose(part, columns);
  }

  /** @param rows - `[n × dimension]`, of length one under `cosine`, at least one */
  static train(options: ProductOptions, rows: Float32Array, seed: number): ProductQuantiser {
    const { centroids, dimension, subspaces } = options;
    const codebooks = new Float32Array(centroids * dimension);
    for (let part = 0; part < subspaces; part++) {
      const from = startOf(options, part);
      const trained = kMeans(rows, {
        dimension,
        clusters: centroids,
        seed: (seed + part) >>> 0,
        iterationsMax: ITERATIONS_MAX,
        pointsPerCentroidMax: POINTS_PER_CENTROID_MAX,
        from,
        to: startOf(options, part + 1),
      });
      codebooks.set(trained.centroids, centroids * from);
    }
    return new ProductQuantiser(options, codebooks);
  }

  /** The number of the nearest centroid for every part of a row, to `codes[0 … subspaces)`. */
  encode(row: Float32Array, codes: Uint8Array): void {
    const { centroids, subspaces } = this.#options;
    const { kernel } = this.#scratch;
    this.#row.set(row);
    for (let part = 0; part < subspaces; part++) {
      codes[part] = kernel.leastRank(this.#rank(EUCLIDEAN, part), centroids);
    }
  }

  /** The row that codes stand for, `[dimension]`. */
  decode(codes: Uint8Array): Float32Array {
    const { centroids, dimension, subspaces } = this.#options;
    const row = new Float32Array(dimension);
    for (let part = 0; part < subspaces; part++) {
      const start = startOf(this.#options, part);
      const length = startOf(this.#options, part + 1) - start;
      const from = centroids * start + (codes[part] as number) * length;
      row.set(this.codebooks.subarray(from, from + length), start);
    }
    return row;
  }

  /**
   * Writes `[subspaces × centroids]` ranks, whose sum over the codes of a row is the rank of the
   * query and the decoded row: squared euclidean, manhattan, or the negated inner product.
   */
  fillTables(query: Float32Array, tables: Float32Array): void {
    const { metric, subspaces } = this.#options;
    this.#row.set(query);
    for (let part = 0; part < subspaces; part++) this.#rank(MEASURES[metric], part);
    tables.set(this.#tables);
  }

  // Fills the table of a part and gives its address.
  #rank(measure: number, part: number): number {
    const { centroids } = this.#options;
    const table = this.#tables.byteOffset + part * centroids * 4;
    const start = startOf(this.#options, part);
    this.#scratch.kernel.rankCentroids(
      measure,
      this.#row.byteOffset + start * 4,
      startOf(this.#options, part + 1) - start,
      this.#columns + centroids * start * 4,
      centroids,
      table,
    );
    return table;
  }

  #transpose(part: number, columns: Float32Array): void {
    const { centroids } = this.#options;
    const start = startOf(this.#options, part);
    const length = startOf(this.#options, part + 1) - start;
    const book = centroids * start;
    for (let c = 0; c < centroids; c++) {
      for (let i = 0; i < length; i++) {
        columns[book + i * centroids + c] = this.codebooks[book + c * length + i] as number;
      }
    }
  }
}

/** The first component of a part; parts differ by at most one in length. */
function startOf({ dimension, subspaces }: ProductOptions, part: number): number {
  return Math.floor((part * dimension) / subspaces);
}
