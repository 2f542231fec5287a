// Inverted file with flat lists (IVFFlat): Jégou, Douze & Schmid 2011, section 4, with whole rows in
// place of codes.

import {
  checkBatch,
  checkComponents,
  checkInteger,
  checkQuery,
  checkSearchOptions,
} from '../check-input.ts';
import { rankOfKey, reportedDistance } from '../codec/distance.ts';
import { SaveQueue } from '../file/save-queue.ts';
import { IndexError } from '../index-error.ts';
import type {
  MemoryUsage,
  Metric,
  SearchHit,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
} from '../vector-index.ts';
import type { CoarseQuantizer } from './coarse-quantizer.ts';
import { DistanceHeap } from './distance-heap.ts';
import { InvertedLists } from './inverted-lists.ts';
import {
  checkIvfOptions,
  GROWTH_UNTIL_RETRAINING,
  type IvfOptions,
  type IvfSearchOptions,
  type IvfSettings,
  LISTS_MAX,
  listsFor,
  probesFor,
  ROWS_PER_LIST_MIN,
  TRAINING_ROWS_MIN,
} from './ivf-options.ts';
import { encodeLists } from './ivf-sections.ts';
import { NamedSlots } from './named-slots.ts';
import type { SourceRows } from './nearest-centroids.ts';
import { packLists, trainLists } from './train-lists.ts';

/** What an index of this kind consists of. */
export interface IvfState {
  readonly ids: NamedSlots;
  readonly lists: InvertedLists;
  /** None before the first training: then there is one list and a search is exact. */
  readonly quantizer: CoarseQuantizer | undefined;
  /** Rows at the last training. */
  readonly trainedRows: number;
}

/** An approximate index that compares a query with the rows of the nearest lists only. */
export class IvfIndex implements VectorIndex {
  readonly options: IvfOptions;
  readonly #ids: NamedSlots;
  #lists: InvertedLists;
  #quantizer: CoarseQuantizer | undefined;
  #trainedRows: number;
  readonly #nearest = new DistanceHeap();
  readonly #order = new DistanceHeap();
  readonly #saves = new SaveQueue();

  /**
   * @param state - restored lists; none when left out
   * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
   */
  constructor(settings: IvfSettings, state?: IvfState) {
    this.options = checkIvfOptions(settings);
    this.#ids = state?.ids ?? new NamedSlots();
    this.#lists = state?.lists ?? new InvertedLists(this.options, new Int32Array(1));
    this.#quantizer = state?.quantizer;
    this.#trainedRows = state?.trainedRows ?? 0;
  }

  get dimension(): number {
    return this.options.dimension;
  }

  get metric(): Metric {
    return this.options.metric;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Slots that were ever used, live and free; every slot is below. */
  get slotCount(): number {
    return this.#ids.slotCount;
  }

  /** How many lists there are; one before the first training. */
  get lists(): number {
    return this.#lists.lists;
  }

  /** Lists that a search looks into when it names no number. */
  get probes(): number {
    return Math.min(this.lists, this.options.probes || probesFor(this.lists));
  }

  /**
   * Inserts rows as every index does. Lists are trained anew when a batch brings the rows to four
   * times those of the last training, before the call returns.
   *
   * @throws IndexError as the interface says
   */
  insertBatch(ids: readonly string[], vectors: SourceRows): void {
    checkBatch(ids, vectors, this.dimension);
    checkComponents(vectors, this.options);
    const wanted = this.#checkRoom(ids);
    const isTrainingDue = wanted >= this.#rowsUntilTraining();
    const listOf =
      isTrainingDue || this.#quantizer === undefined
        ? new Int32Array(ids.length)
        : this.#quantizer.assign(vectors);
    const added = new Int32Array(this.lists);
    for (const list of listOf) added[list] = (added[list] as number) + 1;
    this.#lists.reserve(added);
    this.#ids.reserve(wanted);
    for (const [row, id] of ids.entries()) {
      this.delete(id);
      this.#lists.add(listOf[row] as number, this.#ids.add(id), vectors, row);
    }
    if (isTrainingDue) this.#retrainIfItFits();
    else if (this.#lists.isScattered) this.#lists = packLists(this.#lists);
  }

  /**
   * Finds new centroids for the rows that are there, as many as the options or the number of rows
   * ask for, and deals the rows out anew. Does nothing when there are no rows.
   */
  retrain(): void {
    if (this.size === 0) return;
    const wanted = this.options.lists || listsFor(this.size);
    const { lists, quantizer } = trainLists(
      this.#lists,
      Math.min(wanted, this.size),
      this.options.seed,
    );
    this.#lists = lists;
    this.#quantizer = quantizer;
    this.#trainedRows = this.size;
  }

  /** `distanceComputations` counts centroids and rows. */
  search(query: SourceRows, options: IvfSearchOptions): SearchResult {
    this.#prepare(query, options);
    const { accept, k, probes = this.probes } = options;
    checkInteger('probes', probes, 1, LISTS_MAX);
    this.#rankLists(query);
    let distanceComputations = this.#quantizer?.lists ?? 0;
    for (let probed = 0; this.#order.length > 0; probed++) {
      if (probed >= probes && this.#nearest.length >= k) break;
      const list = this.#order.topSlot();
      const key = this.#order.topKey();
      this.#order.pop();
      if (this.#nearest.length >= k && this.#isBeyond(list, key)) continue;
      distanceComputations += this.#lists.scan(list, k, this.#nearest, accept);
    }
    return { hits: this.#drainHits(), distanceComputations };
  }

  /** The nearest rows by comparing all of them, or all that `accept` holds. */
  scan(query: SourceRows, options: SearchOptions): SearchResult {
    this.#prepare(query, options);
    const { accept, k } = options;
    let distanceComputations = 0;
    if (accept !== undefined) distanceComputations = this.#lists.scanSet(accept, k, this.#nearest);
    for (let list = 0; accept === undefined && list < this.lists; list++) {
      distanceComputations += this.#lists.scan(list, k, this.#nearest);
    }
    return { hits: this.#drainHits(), distanceComputations };
  }

  delete(id: string): boolean {
    const slot = this.#ids.slotOf(id);
    if (slot === undefined) return false;
    this.#lists.remove(slot);
    this.#ids.remove(slot);
    return true;
  }

  has(id: string): boolean {
    return this.#ids.slotOf(id) !== undefined;
  }

  /** The slot of an id, by which `accept` knows its row. */
  slotOf(id: string): number | undefined {
    return this.#ids.slotOf(id);
  }

  /** The id of a live slot. */
  idOf(slot: number): string | undefined {
    return this.#ids.idOf(slot);
  }

  ids(): IterableIterator<string> {
    return this.#ids.ids();
  }

  /** The stored row, `[dimension]`; cosine keeps it scaled to length one. */
  vectorOf(id: string): Float32Array | undefined {
    const slot = this.slotOf(id);
    return slot === undefined ? undefined : Float32Array.from(this.#lists.rowOf(slot));
  }

  memoryUsage(): MemoryUsage {
    const { places, rows, scratch } = this.#lists.bytes;
    const { characters, table } = this.#ids.bytes;
    return {
      capacity: this.#ids.capacity,
      codes: rows,
      exactRows: 0,
      learned: 0,
      links: 0,
      bookkeeping: places + (this.#quantizer?.bytes ?? 0),
      ids: table,
      idCharacters: characters,
      scratch: scratch + this.#nearest.bytes + this.#order.bytes,
    };
  }

  async save(folder: string, options: StorageOptions = {}): Promise<void> {
    const { head, sections } = encodeLists(this.options, {
      ids: this.#ids,
      lists: this.#lists,
      quantizer: this.#quantizer,
      trainedRows: this.#trainedRows,
    });
    await this.#saves.add(folder, head, sections, options);
  }

  #rowsUntilTraining(): number {
    if (this.#trainedRows > 0) return this.#trainedRows * GROWTH_UNTIL_RETRAINING;
    return this.options.lists * ROWS_PER_LIST_MIN || TRAINING_ROWS_MIN;
  }

  // The rows are in already, and lists that could not be trained anew still find them.
  #retrainIfItFits(): void {
    try {
      this.retrain();
    } catch (error) {
      if (!(error instanceof IndexError) || error.code !== 'limit-exceeded') throw error;
      this.#trainedRows = this.size;
    }
  }

  /** The number of rows after a batch. */
  #checkRoom(ids: readonly string[]): number {
    const { maxElements } = this.options;
    const added = ids.filter((id) => !this.has(id)).length;
    const wanted = this.size + added;
    if (wanted <= maxElements) return wanted;
    throw new IndexError(
      'limit-exceeded',
      `${this.size} rows and ${added} new ones violate size <= maxElements = ${maxElements}; ` +
        'nothing was inserted, open an index with a larger maxElements',
    );
  }

  #prepare(query: SourceRows, options: SearchOptions): void {
    checkQuery(query, this.dimension);
    checkComponents(query, this.options);
    checkSearchOptions(options);
    this.#lists.prepare(query);
    this.#nearest.clear();
  }

  #rankLists(query: SourceRows): void {
    this.#order.clear();
    const keys = this.#quantizer?.rank(query);
    if (keys === undefined) this.#order.push(0, 0);
    else for (let list = 0; list < keys.length; list++) this.#order.push(keys[list] ?? 0, list);
  }

  /** Whether no row of a list can come in among the nearest that were found. */
  #isBeyond(list: number, key: number): boolean {
    const { metric, vectorType } = this.options;
    const rank = rankOfKey(-this.#nearest.topKey(), metric, vectorType);
    return this.#quantizer?.isBeyond(list, key, rank) ?? false;
  }

  #drainHits(): SearchHit[] {
    const { metric, vectorType } = this.options;
    const nearest = this.#nearest;
    const hits: SearchHit[] = [];
    for (; nearest.length > 0; nearest.pop()) {
      const id = this.#ids.idOf(nearest.topSlot());
      if (id === undefined) continue;
      const rank = rankOfKey(-nearest.topKey(), metric, vectorType);
      hits.push({ id, distance: reportedDistance(metric, rank) });
    }
    return hits.reverse();
  }
}
