import {
  checkBatch,
  checkComponents,
  checkInteger,
  checkMetric,
  checkQuery,
  checkSearchOptions,
  checkVectorType,
} from '../check-input.ts';
import { SaveQueue } from '../file/save-queue.ts';
import { encodeTable, tableHead } from '../file/table-sections.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { foundHits, tableUsage } from '../search-hits.ts';
import type {
  MemoryUsage,
  Metric,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
  VectorType,
} from '../vector-index.ts';

export interface FlatOptions {
  readonly dimension: number;
  readonly metric?: Metric;
  readonly vectorType?: VectorType;
  readonly maxElements?: number;
}

/** An exact index: every search compares every row. The oracle of tests and of small sites. */
export class FlatIndex implements VectorIndex {
  readonly #table: VectorTable;
  readonly #saves = new SaveQueue();

  /**
   * @param table - a restored table of these options; an empty one when left out
   * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
   */
  constructor(options: FlatOptions, table?: VectorTable) {
    const { dimension, metric = 'cosine', vectorType = 'f32' } = options;
    const { maxElements = INDEX_LIMITS.maxElementsDefault } = options;
    checkMetric(metric);
    checkVectorType(vectorType, metric);
    checkInteger('dimension', dimension, 1, INDEX_LIMITS.dimensionMax);
    checkInteger('maxElements', maxElements, 1, INDEX_LIMITS.maxElementsMax);
    this.#table = table ?? new VectorTable({ dimension, metric, vectorType, maxElements });
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

  /** Slots that were ever used, live and free; every slot is below. */
  get slotCount(): number {
    return this.#table.slotCount;
  }

  insertBatch(ids: readonly string[], vectors: Float32Array | Uint8Array): void {
    checkBatch(ids, vectors, this.dimension);
    checkComponents(vectors, this.#table);
    this.#table.reserveFor(ids);
    for (const [row, id] of ids.entries()) {
      this.delete(id);
      const slot = this.#table.takeSlot();
      this.#table.writeSlot(slot, id, vectors, row * this.dimension);
      this.#table.memory.setAlive(slot, true);
    }
  }

  search(query: Float32Array | Uint8Array, options: SearchOptions): SearchResult {
    checkQuery(query, this.dimension);
    checkComponents(query, this.#table);
    checkSearchOptions(options);
    const { accept, k } = options;
    const { kernel, scratch } = this.#table.memory;
    this.#table.writeQuery(query);
    scratch.clearDistances();
    if (accept !== undefined) scratch.setAccept(accept.words);
    const count = kernel.scan(k, accept !== undefined);
    return { hits: foundHits(this.#table, count, k), distanceComputations: scratch.distances };
  }

  /** The same as `search`. */
  scan(query: Float32Array | Uint8Array, options: SearchOptions): SearchResult {
    return this.search(query, options);
  }

  delete(id: string): boolean {
    const slot = this.#table.slotOf(id);
    if (slot === undefined) return false;
    this.#table.memory.setAlive(slot, false);
    this.#table.withdraw([slot]);
    return true;
  }

  has(id: string): boolean {
    return this.#table.slotOf(id) !== undefined;
  }

  ids(): IterableIterator<string> {
    return this.#table.ids.ids();
  }

  slotOf(id: string): number | undefined {
    return this.#table.slotOf(id);
  }

  /** The id of a live slot. */
  idOf(slot: number): string | undefined {
    return this.#table.idOf(slot);
  }

  /** The stored row, `[dimension]`; cosine keeps it scaled to length one. */
  vectorOf(id: string): Float32Array | undefined {
    const slot = this.slotOf(id);
    return slot === undefined ? undefined : this.#table.vectorOf(slot);
  }

  memoryUsage(): MemoryUsage {
    return tableUsage(this.#table);
  }

  async save(folder: string, options: StorageOptions = {}): Promise<void> {
    const head = { kind: 'flat', ...tableHead(this.#table) };
    await this.#saves.add(folder, head, encodeTable(this.#table), options);
  }
}
