import {
  checkBatch,
  checkInteger,
  checkMetric,
  checkQueries,
  checkQuery,
  checkSearchOptions,
} from '../check-input.ts';
import { checkRowOptions, type RowSettings } from '../codec/row-options.ts';
import { SaveQueue } from '../file/save-queue.ts';
import { encodeTable, tableHead } from '../file/table-sections.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { trainOnBatch, trainTable, trainWhenDue } from '../memory/train-table.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { foundHits, rankAgain, scanReported, tableUsage } from '../search-hits.ts';
import type {
  MemoryUsage,
  Metric,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
  VectorType,
} from '../vector-index.ts';

export interface FlatOptions extends RowSettings {
  readonly dimension: number;
  readonly metric?: Metric;
  readonly vectorType?: VectorType;
  readonly maxElements?: number;
  /** Seed of whatever a vector type draws at random. */
  readonly seed?: number;
}

/**
 * Every search compares every row. Exact where the vector type is lossless: the oracle of tests and
 * of small sites.
 */
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
    const rows = { ...options, dimension, metric, vectorType, maxElements };
    checkMetric(metric);
    checkRowOptions(rows);
    checkInteger('maxElements', maxElements, 1, INDEX_LIMITS.maxElementsMax);
    this.#table = table ?? new VectorTable(rows);
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
    this.#table.rows.codec.checkComponents(vectors);
    this.#table.rows.requireStorable();
    this.#table.reserveFor(ids);
    trainOnBatch(this.#table, vectors);
    for (const [row, id] of ids.entries()) {
      this.delete(id);
      const slot = this.#table.takeSlot();
      this.#table.writeSlot(slot, id, vectors, row * this.dimension);
      this.#table.memory.setAlive(slot, true);
    }
    trainWhenDue(this.#table);
  }

  /** Whether the vector type has learned all that it needs; exact rows are compared until then. */
  get isTrained(): boolean {
    return this.#table.rows.isTrained;
  }

  /**
   * Lets the vector type learn now, from a sample or from the rows that are there.
   *
   * @param sample - `[n × dimension]`
   * @throws IndexError `dimension-mismatch`, `non-finite`, `invalid-option` without any row
   */
  train(sample?: Float32Array | Uint8Array): void {
    if (sample !== undefined) checkQueries(sample, this.dimension);
    trainTable(this.#table, sample);
  }

  search(query: Float32Array | Uint8Array, options: SearchOptions): SearchResult {
    this.#prepare(query, options);
    const { memory, rows } = this.#table;
    const { accept, k } = options;
    const rerank = rows.rerankOf(k, options.rerank);
    memory.look(rows.searched);
    const found = memory.kernel.scan(Math.max(k, rerank), accept !== undefined);
    return this.#result(rankAgain(this.#table, found, rerank), k);
  }

  /** The nearest rows of all, or of those in `accept`; by exact rows where there are such. */
  scan(query: Float32Array | Uint8Array, options: SearchOptions): SearchResult {
    this.#prepare(query, options);
    const { accept, k } = options;
    return this.#result(scanReported(this.#table, k, accept !== undefined), k);
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

  #prepare(query: Float32Array | Uint8Array, options: SearchOptions): void {
    checkQuery(query, this.dimension);
    this.#table.rows.codec.checkComponents(query);
    checkSearchOptions(options);
    const { scratch } = this.#table.memory;
    this.#table.writeQuery(query);
    scratch.clearDistances();
    if (options.accept !== undefined) scratch.setAccept(options.accept.words);
  }

  #result(count: number, k: number): SearchResult {
    const { distances } = this.#table.memory.scratch;
    return { hits: foundHits(this.#table, count, k), distanceComputations: distances };
  }
}
