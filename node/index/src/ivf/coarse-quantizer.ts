// Jégou, Douze & Schmid 2011, section 4: a coarse quantiser sends every row to the list of its
// nearest centroid and every query to the lists of the centroids nearest to it.

import { measureOf, writeRow } from '../codec/distance.ts';
import type { Metric } from '../vector-index.ts';
import { NearestCentroids, type SourceRows } from './nearest-centroids.ts';

/** Rows that are assigned in one call of the kernel. */
const BLOCK_ROWS = 256;

export class CoarseQuantizer {
  readonly lists: number;
  readonly #metric: Metric;
  readonly #space: NearestCentroids;

  /** @param centroids - `[lists × dimension]`, copied */
  constructor(metric: Metric, dimension: number, centroids: Float32Array) {
    this.lists = centroids.length / dimension;
    this.#metric = metric;
    this.#space = new NearestCentroids(dimension, this.lists, BLOCK_ROWS);
    const { rowLength } = this.#space;
    for (let list = 0; list < this.lists; list++) {
      const start = list * dimension;
      const centroid = centroids.subarray(start, start + dimension);
      this.#space.centroids.set(centroid, list * rowLength);
    }
  }

  /** The centroids without padding, `[lists × dimension]`; a copy. */
  copyCentroids(): Float32Array<ArrayBuffer> {
    const { centroids, dimension, rowLength } = this.#space;
    const copy = new Float32Array(this.lists * dimension);
    for (let list = 0; list < this.lists; list++) {
      const start = list * rowLength;
      copy.set(centroids.subarray(start, start + dimension), list * dimension);
    }
    return copy;
  }

  /**
   * The list of every row.
   *
   * @param rows - `[n × dimension]`, as stored or as the caller gave them
   */
  assign(rows: SourceRows): Int32Array {
    const space = this.#space;
    const { dimension } = space;
    const listOf = new Int32Array(rows.length / dimension);
    for (let first = 0; first < listOf.length; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, listOf.length - first);
      for (let i = 0; i < count; i++) this.#put(rows, first + i, i);
      space.assign(count);
      listOf.set(space.nearest.subarray(0, count), first);
    }
    return listOf;
  }

  /** The rank keys of all centroids for a query; the next call overwrites them. */
  rank(query: Float32Array): Uint32Array {
    this.#put(query, 0, 0);
    return this.#space.rankAll(measureOf(this.#metric, 'f32'));
  }

  #put(rows: SourceRows, row: number, place: number): void {
    const space = this.#space;
    if (this.#metric === 'cosine' && rows instanceof Float32Array) {
      const { dimension, rowLength } = space;
      writeRow('cosine', rows, row * dimension, space.rows, place * rowLength, dimension);
    } else {
      space.putRow(place, rows, row, space.dimension);
    }
  }
}
