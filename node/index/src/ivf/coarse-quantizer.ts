// Jégou, Douze & Schmid 2011, section 4: a coarse quantiser sends every row to the list of its
// nearest centroid and every query to the lists of the centroids nearest to it.

import { measureOf, rankOfKey, writeRow } from '../codec/distance.ts';
import type { Metric } from '../vector-index.ts';
import { NearestCentroids, type SourceRows } from './nearest-centroids.ts';

/** Rows that are assigned in one call of the kernel. */
const BLOCK_ROWS = 256;

/** Share of a distance by which rounding may be wrong, with room to spare. */
const ROUNDING = 1e-4;
/** The same under cosine, whose ranks are differences from one: an absolute distance. */
const ROUNDING_ON_SPHERE = 2e-3;

/**
 * Centroids of lists and how far their rows reach.
 *
 * Invariant: no row that was ever assigned, or measured, is farther from the centroid of its list
 * than the radius of the list says.
 */
export class CoarseQuantizer {
  readonly lists: number;
  readonly #metric: Metric;
  readonly #space: NearestCentroids;
  readonly #radii: Float64Array;

  /** @param centroids - `[lists × dimension]`, copied */
  constructor(metric: Metric, dimension: number, centroids: Float32Array) {
    this.lists = centroids.length / dimension;
    this.#metric = metric;
    this.#radii = new Float64Array(this.lists);
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
   * The list of every row; radii grow over them.
   *
   * @param rows - `[n × dimension]`, as stored or as the caller gave them
   */
  assign(rows: SourceRows): Int32Array {
    const space = this.#space;
    const listOf = new Int32Array(rows.length / space.dimension);
    for (let first = 0; first < listOf.length; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, listOf.length - first);
      for (let i = 0; i < count; i++) this.#put(rows, first + i, i);
      space.assign(count);
      listOf.set(space.nearest.subarray(0, count), first);
      this.#cover(count);
    }
    return listOf;
  }

  /** Lets radii grow over rows that are in lists already, `[listOf.length × dimension]`. */
  measure(rows: SourceRows, listOf: Int32Array): void {
    const space = this.#space;
    for (let first = 0; first < listOf.length; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, listOf.length - first);
      for (let i = 0; i < count; i++) this.#put(rows, first + i, i);
      space.nearest.set(listOf.subarray(first, first + count));
      space.measure(count);
      this.#cover(count);
    }
  }

  /** Bytes of centroids and radii, with the room that they are compared in. */
  get bytes(): number {
    return this.#space.bytes + this.#radii.byteLength;
  }

  /** The rank keys of all centroids for a query; the next call overwrites them. */
  rank(query: SourceRows): Uint32Array {
    this.#put(query, 0, 0);
    return this.#space.rankAll(measureOf(this.#metric, 'f32'));
  }

  /**
   * Whether every row of a list is farther than `rank` from the query that was ranked last, by the
   * triangle inequality.
   *
   * @param key - what `rank` gave for the centroid of the list
   */
  isBeyond(list: number, key: number, rank: number): boolean {
    const metric = this.#metric;
    if (metric !== 'euclidean' && metric !== 'cosine') return false;
    const centroid = distanceOf(metric, rankOfKey(key, metric, 'f32'));
    const radius = this.#radii[list] as number;
    const slack = metric === 'cosine' ? ROUNDING_ON_SPHERE : ROUNDING * (centroid + radius);
    return centroid - radius - slack > distanceOf(metric, rank);
  }

  #cover(count: number): void {
    const { nearest, squares } = this.#space;
    for (let row = 0; row < count; row++) {
      const list = nearest[row] as number;
      const distance = Math.sqrt(squares[row] as number);
      if (distance > (this.#radii[list] as number)) this.#radii[list] = distance;
    }
  }

  #put(rows: SourceRows, row: number, place: number): void {
    const space = this.#space;
    if (this.#metric === 'cosine') {
      const { dimension, rowLength } = space;
      writeRow('cosine', rows, row * dimension, space.rows, place * rowLength, dimension);
    } else {
      space.putRow(place, rows, row, space.dimension);
    }
  }
}

// On the sphere the square of the distance is twice 1 − cos.
function distanceOf(metric: 'euclidean' | 'cosine', rank: number): number {
  return Math.sqrt(Math.max(0, metric === 'cosine' ? 2 * rank : rank));
}
