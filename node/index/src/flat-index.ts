import {
  checkBatch,
  checkInteger,
  checkMetric,
  checkQuery,
  checkSearchOptions,
} from './check-input.ts';
import { type DistanceKernel, distanceKernel, reportedDistance, writeRow } from './distance.ts';
import { DistanceHeap } from './distance-heap.ts';
import { INDEX_LIMITS } from './index-limits.ts';
import { SaveQueue } from './save-queue.ts';
import type { StoredIndex } from './stored-index.ts';
import { decodeTable, encodeTable } from './table-sections.ts';
import type {
  Metric,
  SearchHit,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
} from './vector-index.ts';
import { VectorTable } from './vector-table.ts';

export interface FlatOptions {
  readonly dimension: number;
  readonly metric?: Metric;
  readonly maxElements?: number;
}

/** An exact index: every search compares every row. The oracle of tests and of small sites. */
export class FlatIndex implements VectorIndex {
  readonly #table: VectorTable;
  readonly #distance: DistanceKernel;
  readonly #query: Float32Array;
  readonly #nearest = new DistanceHeap();
  readonly #saves = new SaveQueue();

  /**
   * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
   */
  constructor(options: FlatOptions) {
    const { dimension, metric = 'cosine', maxElements = INDEX_LIMITS.maxElementsDefault } = options;
    checkMetric(metric);
    checkInteger('dimension', dimension, 1, INDEX_LIMITS.dimensionMax);
    checkInteger('maxElements', maxElements, 1, INDEX_LIMITS.maxElementsMax);
    this.#table = new VectorTable(metric, dimension, maxElements);
    this.#distance = distanceKernel(metric);
    this.#query = new Float32Array(dimension);
  }

  /** Restores a saved index. */
  static restore(stored: StoredIndex): FlatIndex {
    const metric = stored.text('metric');
    checkMetric(metric);
    const dimension = stored.integer('dimension');
    const index = new FlatIndex({ dimension, metric, maxElements: stored.integer('maxElements') });
    decodeTable(stored, index.#table);
    return index;
  }

  get dimension(): number {
    return this.#table.dimension;
  }

  get metric(): Metric {
    return this.#table.metric;
  }

  get size(): number {
    return this.#table.size;
  }

  insertBatch(ids: readonly string[], vectors: Float32Array): void {
    checkBatch(ids, vectors, this.dimension);
    this.#table.reserveFor(ids);
    for (const [row, id] of ids.entries()) {
      this.delete(id);
      this.#table.add(id, vectors, row * this.dimension);
    }
  }

  search(query: Float32Array, options: SearchOptions): SearchResult {
    checkQuery(query, this.dimension);
    checkSearchOptions(options);
    writeRow(this.metric, query, 0, this.#query, 0, this.dimension);
    this.#scan(options.k);
    const hits: SearchHit[] = [];
    for (; this.#nearest.length > 0; this.#nearest.pop()) {
      const id = this.#table.idOf(this.#nearest.topSlot());
      if (id === undefined) continue;
      hits.push({ id, distance: reportedDistance(this.metric, -this.#nearest.topKey()) });
    }
    return { hits: hits.reverse(), distanceComputations: this.size };
  }

  delete(id: string): boolean {
    const slot = this.#table.slotOf(id);
    if (slot === undefined) return false;
    this.#table.remove(slot);
    return true;
  }

  has(id: string): boolean {
    return this.#table.slotOf(id) !== undefined;
  }

  ids(): IterableIterator<string> {
    return this.#table.ids();
  }

  async save(folder: string, options: StorageOptions = {}): Promise<void> {
    const { dimension, maxElements, metric } = this.#table;
    const head = { kind: 'flat', dimension, metric, maxElements };
    await this.#saves.add(folder, head, encodeTable(this.#table), options);
  }

  /** Leaves the k nearest in the heap under negated ranks: farthest on top. */
  #scan(k: number): void {
    const { dimension, slotCount, vectors } = this.#table;
    const nearest = this.#nearest;
    nearest.clear();
    for (let slot = 0; slot < slotCount; slot++) {
      if (this.#table.idOf(slot) === undefined) continue;
      const rank = this.#distance(this.#query, 0, vectors, slot * dimension, dimension);
      if (nearest.length < k) nearest.push(-rank, slot);
      else if (rank < -nearest.topKey()) nearest.replaceTop(-rank, slot);
    }
  }
}
