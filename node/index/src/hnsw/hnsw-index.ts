// Hierarchical navigable small world (Malkov & Yashunin 2016, arXiv 1603.09320).

import { checkBatch, checkQueries, checkQuery, checkSearchOptions } from '../check-input.ts';
import { SaveQueue } from '../file/save-queue.ts';
import { trainTable, trainWhenDue } from '../memory/train-table.ts';
import { foundHits, rankAgain, scanReported, tableUsage } from '../search-hits.ts';
import type {
  MemoryUsage,
  Metric,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
} from '../vector-index.ts';
import { buildParallel, type ParallelOptions } from './build-parallel.ts';
import { compactGraph } from './compact-graph.ts';
import { encodeGraph, encodeGraphHead } from './graph-sections.ts';
import { type GraphView, viewGraph } from './graph-view.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { checkHnswOptions, type HnswOptions, type HnswSettings } from './hnsw-options.ts';
import { type SearchManyOptions, searchMany } from './search-many.ts';
import { type GraphReport, verifyGraph } from './verify-graph.ts';

export interface HnswSearchOptions extends SearchOptions {
  /** Whether the result shall say how the search went. */
  readonly trace?: boolean;
}

/** How a search went. */
export interface SearchTrace {
  /** Slots whose links were followed, on all layers. */
  readonly expanded: number;
  /** The first of them, in their order. */
  readonly path: readonly number[];
  readonly linksRead: number;
  /** Rows that were found by their codes and ranked again by exact rows. */
  readonly reranked: number;
  /** Bytes of those exact rows. */
  readonly rerankedBytes: number;
  /** Bytes of all rows compared, each counted whole, and of the links read. */
  readonly bytesTouched: number;
}

export interface HnswSearchResult extends SearchResult {
  readonly trace?: SearchTrace;
}

/** An approximate index whose rows can be inserted, replaced, removed and stored. */
export class HnswIndex implements VectorIndex {
  readonly options: HnswOptions;
  readonly #graph: HnswGraph;
  readonly #saves = new SaveQueue();

  /**
   * @param graph - a restored graph; an empty one when left out
   * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
   */
  constructor(settings: HnswSettings, graph?: HnswGraph) {
    this.options = checkHnswOptions(settings);
    this.#graph = graph ?? new HnswGraph(this.options);
  }

  get dimension(): number {
    return this.options.dimension;
  }

  get metric(): Metric {
    return this.options.metric;
  }

  get size(): number {
    return this.#graph.table.size;
  }

  /** Slots that were ever used, live, dead and free; every slot is below. */
  get slotCount(): number {
    return this.#graph.table.slotCount;
  }

  /** Distances computed by inserts, deletes and sweeps since the index was made or opened. */
  get upkeepDistances(): number {
    return this.#graph.upkeepDistances;
  }

  insertBatch(ids: readonly string[], vectors: Float32Array | Uint8Array): void {
    checkBatch(ids, vectors, this.dimension);
    this.#requireStorable(vectors);
    this.#graph.requireWritable();
    this.#graph.table.reserveFor(ids);
    this.#graph.learnFrom(vectors);
    for (const [row, id] of ids.entries()) {
      this.#graph.replace(id, vectors, row * this.dimension);
    }
    trainWhenDue(this.#graph.table);
  }

  /**
   * Inserts rows as `insertBatch` does, on the workers of a pool. Searches go on meanwhile and find
   * rows from the moment when they are linked; other writes are refused. Replacements come last, on
   * this thread. When it rejects, rows that were linked by then stay.
   *
   * @throws IndexError as `insertBatch`, `index-busy`, `worker-failed`; the signal's reason
   */
  async insertBatchParallel(
    ids: readonly string[],
    vectors: Float32Array | Uint8Array,
    options: ParallelOptions,
  ): Promise<void> {
    checkBatch(ids, vectors, this.dimension);
    this.#requireStorable(vectors);
    await buildParallel(this.#graph, ids, vectors, options);
  }

  /** Whether the vector type has learned all that it needs; searches use exact rows until then. */
  get isTrained(): boolean {
    return this.#graph.table.rows.isTrained;
  }

  /**
   * Lets the vector type learn now, from a sample or from the rows that are there. Without a call
   * it learns by itself, once, from the first `trainingRows`; calling it when many more have come
   * suits the codes to them.
   *
   * @param sample - `[n × dimension]`
   * @throws IndexError `dimension-mismatch`, `non-finite`, `invalid-option` without any row,
   *   `index-busy` while other threads build or search
   */
  train(sample?: Float32Array | Uint8Array): void {
    if (sample !== undefined) checkQueries(sample, this.dimension);
    this.#graph.requireWritable();
    this.#graph.readers.requireNone();
    trainTable(this.#graph.table, sample);
  }

  /**
   * Makes room for so many rows at once; without it, room doubles as rows come.
   *
   * @throws IndexError `limit-exceeded`
   */
  reserve(rows: number): void {
    this.#graph.table.reserve(Math.max(rows, this.size));
  }

  /** Algorithm 5 (K-NN-SEARCH). */
  search(query: Float32Array | Uint8Array, options: HnswSearchOptions): HnswSearchResult {
    this.#prepare(query, options);
    const { memory, table } = this.#graph;
    const { kernel, scratch } = memory;
    const { accept, k, trace = false } = options;
    const rerank = table.rows.rerankOf(k, options.rerank);
    const ef = Math.max(k, rerank, options.efSearch ?? this.options.efSearch);
    const tracedMax = trace ? scratch.traceMax : 0;
    memory.look(table.rows.searched);
    const found = kernel.search(ef, this.size, accept !== undefined, tracedMax);
    const way = trace ? this.#trace(Math.min(found, rerank)) : undefined;
    const hits = foundHits(table, rankAgain(table, found, rerank), k);
    const result = { hits, distanceComputations: scratch.distances };
    return way === undefined ? result : { ...result, trace: way };
  }

  /**
   * Searches for many queries on the workers of a pool, while this thread may read and write.
   *
   * @param queries - `[count × dimension]`
   * @returns one result per query
   * @throws IndexError as `search`, `worker-failed`; the signal's reason
   */
  async searchMany(
    queries: Float32Array | Uint8Array,
    options: SearchManyOptions,
  ): Promise<SearchResult[]> {
    checkQueries(queries, this.dimension);
    this.#graph.table.rows.codec.checkComponents(queries);
    checkSearchOptions(options);
    return searchMany(this.#graph, queries, options);
  }

  /**
   * The nearest rows by comparing all of them, or all that `accept` holds; by exact rows where there
   * are such.
   */
  scan(query: Float32Array | Uint8Array, options: SearchOptions): SearchResult {
    this.#prepare(query, options);
    const { memory, table } = this.#graph;
    const count = scanReported(table, options.k, options.accept !== undefined);
    return {
      hits: foundHits(table, count, options.k),
      distanceComputations: memory.scratch.distances,
    };
  }

  delete(id: string): boolean {
    this.#graph.requireWritable();
    const slot = this.slotOf(id);
    if (slot === undefined) return false;
    this.#graph.remove(slot);
    return true;
  }

  has(id: string): boolean {
    return this.slotOf(id) !== undefined;
  }

  ids(): IterableIterator<string> {
    return this.#graph.table.ids.ids();
  }

  slotOf(id: string): number | undefined {
    return this.#graph.table.slotOf(id);
  }

  /** The id of a live slot. */
  idOf(slot: number): string | undefined {
    return this.#graph.table.idOf(slot);
  }

  /** The stored row, `[dimension]`; cosine keeps it scaled to length one. */
  vectorOf(id: string): Float32Array | undefined {
    const slot = this.slotOf(id);
    return slot === undefined ? undefined : this.#graph.table.vectorOf(slot);
  }

  async save(folder: string, options: StorageOptions = {}): Promise<void> {
    const graph = this.#graph;
    graph.sweep();
    await this.#saves.add(folder, encodeGraphHead(graph), encodeGraph(graph), options);
  }

  /** Walks the whole graph and reports whether every live row is reachable. */
  verify(): GraphReport {
    return verifyGraph(this.#graph);
  }

  /** The graph as it is at every moment, to look at. */
  view(): GraphView {
    return viewGraph(this.#graph);
  }

  /** Selects the links of a live slot anew, as if it were inserted now. */
  relink(slot: number): void {
    if (this.#graph.memory.isAlive(slot)) this.#graph.relink(slot);
  }

  /** Removes what remains of deleted rows: links to them and their bytes; returns the links. */
  eraseDead(): number {
    return this.#graph.sweep();
  }

  /**
   * The same rows and links without holes, in an order in which neighbours lie close together.
   *
   * @returns the new index and, for every slot of this one, its slot there, or -1
   * @throws IndexError `limit-exceeded`
   */
  compacted(): { readonly index: HnswIndex; readonly slots: Int32Array } {
    const { graph, slots } = compactGraph(this.#graph);
    return { index: new HnswIndex(this.options, graph), slots };
  }

  memoryUsage(): MemoryUsage {
    return tableUsage(this.#graph.table);
  }

  #requireStorable(vectors: Float32Array | Uint8Array): void {
    const { rows } = this.#graph.table;
    rows.codec.checkComponents(vectors);
    rows.requireStorable();
  }

  #prepare(query: Float32Array | Uint8Array, options: SearchOptions): void {
    const { memory, table } = this.#graph;
    checkQuery(query, this.dimension);
    table.rows.codec.checkComponents(query);
    checkSearchOptions(options);
    table.writeQuery(query);
    memory.scratch.clearDistances();
    if (options.accept !== undefined) memory.scratch.setAccept(options.accept.words);
  }

  /** Of a search whose found rows are about to be ranked again. */
  #trace(reranked: number): SearchTrace {
    const { searchedBytes, exactBytes } = this.#graph.table.rows;
    const { distances, expanded, linksRead } = this.#graph.memory.scratch;
    const rerankedBytes = reranked * exactBytes;
    const bytesTouched = distances * searchedBytes + rerankedBytes + 4 * linksRead;
    const path = this.#graph.memory.scratch.traced();
    return { expanded, path, linksRead, reranked, rerankedBytes, bytesTouched };
  }
}
