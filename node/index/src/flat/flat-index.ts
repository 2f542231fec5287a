import {
  checkBatch,
  checkComponents,
  checkInteger,
  checkMetric,
  checkQuery,
  checkSearchOptions,
  checkVectorType,
} from '../check-input.ts';
import { measureOf, rankOfKey, reportedDistance, writeRow } from '../codec/distance.ts';
import { SaveQueue } from '../file/save-queue.ts';
import type { StoredIndex } from '../file/stored-index.ts';
import { decodeTable, encodeTable, typeField } from '../file/table-sections.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { FlatMemory } from '../memory/flat-memory.ts';
import { KEYS, QUERY } from '../memory/memory-map.ts';
import type { Region } from '../memory/region.ts';
import { VectorTable } from '../memory/vector-table.ts';
import type {
  Metric,
  SearchHit,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
  VectorType,
} from '../vector-index.ts';
import { DistanceHeap } from './distance-heap.ts';

/** Rows that the kernel ranks in one call. */
const BLOCK_ROWS = 1_024;

export interface FlatOptions {
  readonly dimension: number;
  readonly metric?: Metric;
  readonly vectorType?: VectorType;
  readonly maxElements?: number;
}

/** An exact index: every search compares every row. The oracle of tests and of small sites. */
export class FlatIndex implements VectorIndex {
  readonly #table: VectorTable;
  readonly #memory = new FlatMemory();
  readonly #query: Region<Float32Array | Uint8Array>;
  readonly #keys: Region<Uint32Array>;
  readonly #nearest = new DistanceHeap();
  readonly #saves = new SaveQueue();

  /**
   * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
   */
  constructor(options: FlatOptions) {
    const { dimension, metric = 'cosine', vectorType = 'f32' } = options;
    const { maxElements = INDEX_LIMITS.maxElementsDefault } = options;
    checkMetric(metric);
    checkVectorType(vectorType, metric);
    checkInteger('dimension', dimension, 1, INDEX_LIMITS.dimensionMax);
    checkInteger('maxElements', maxElements, 1, INDEX_LIMITS.maxElementsMax);
    this.#table = new VectorTable(this.#memory, { dimension, metric, vectorType, maxElements });
    this.#memory.kernel.configure(measureOf(metric, vectorType), this.#table.rowBytes, 0);
    this.#query = this.#table.openRows(this.#memory, QUERY);
    this.#query.reserve(this.#table.rowLength);
    this.#keys = this.#memory.open(KEYS, Uint32Array);
    this.#keys.reserve(BLOCK_ROWS);
  }

  /** Restores a saved index. */
  static restore(stored: StoredIndex): FlatIndex {
    const metric = stored.text('metric');
    checkMetric(metric);
    const dimension = stored.integer('dimension');
    const vectorType = stored.vectorType();
    checkVectorType(vectorType, metric);
    const maxElements = stored.integer('maxElements');
    const index = new FlatIndex({ dimension, metric, vectorType, maxElements });
    decodeTable(stored, index.#table);
    return index;
  }

  get dimension(): number {
    return this.#table.dimension;
  }

  get metric(): Metric {
    return this.#table.metric;
  }

  get vectorType(): VectorType {
    return this.#table.vectorType;
  }

  get size(): number {
    return this.#table.size;
  }

  insertBatch(ids: readonly string[], vectors: Float32Array): void {
    checkBatch(ids, vectors, this.dimension);
    checkComponents(vectors, this.#table);
    this.#table.reserveFor(ids);
    for (const [row, id] of ids.entries()) {
      this.delete(id);
      this.#table.add(id, vectors, row * this.dimension);
    }
  }

  search(query: Float32Array, options: SearchOptions): SearchResult {
    checkQuery(query, this.dimension);
    checkComponents(query, this.#table);
    checkSearchOptions(options);
    writeRow(this.metric, query, 0, this.#query.view, 0, this.dimension);
    this.#scan(options.k);
    const { vectorType } = this.#table;
    const hits: SearchHit[] = [];
    for (; this.#nearest.length > 0; this.#nearest.pop()) {
      const id = this.#table.idOf(this.#nearest.topSlot());
      if (id === undefined) continue;
      const rank = rankOfKey(-this.#nearest.topKey(), this.metric, vectorType);
      hits.push({ id, distance: reportedDistance(this.metric, rank) });
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

  slotOf(id: string): number | undefined {
    return this.#table.slotOf(id);
  }

  vectorAt(slot: number): Float32Array {
    return this.#table.copyRow(slot);
  }

  ids(): IterableIterator<string> {
    return this.#table.ids();
  }

  async save(folder: string, options: StorageOptions = {}): Promise<void> {
    const { dimension, maxElements, metric, vectorType } = this.#table;
    const head = { kind: 'flat', dimension, metric, maxElements, ...typeField(vectorType) };
    await this.#saves.add(folder, head, encodeTable(this.#table), options);
  }

  /** Leaves the k nearest in the heap under negated rank keys: farthest on top. */
  #scan(k: number): void {
    const { kernel } = this.#memory;
    const { slotCount } = this.#table;
    this.#nearest.clear();
    for (let first = 0; first < slotCount; first += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, slotCount - first);
      kernel.rankRows(this.#query.address, first, count, this.#keys.address);
      for (let i = 0; i < count; i++) this.#offer(this.#keys.view[i] as number, first + i, k);
    }
  }

  #offer(key: number, slot: number, k: number): void {
    const nearest = this.#nearest;
    if (nearest.length >= k && key >= -nearest.topKey()) return;
    if (this.#table.idOf(slot) === undefined) return;
    if (nearest.length < k) nearest.push(-key, slot);
    else nearest.replaceTop(-key, slot);
  }
}
