// Hierarchical navigable small world (Malkov & Yashunin 2016, arXiv 1603.09320).

import { checkBatch, checkComponents, checkQuery, checkSearchOptions } from '../check-input.ts';
import { rankOfKey, reportedDistance, writeRow } from '../codec/distance.ts';
import { SaveQueue } from '../file/save-queue.ts';
import type {
  Metric,
  SearchHit,
  SearchOptions,
  SearchResult,
  StorageOptions,
  VectorIndex,
} from '../vector-index.ts';
import { deleteNode } from './delete-node.ts';
import { QUERY_ROW } from './graph-kernel.ts';
import { encodeGraph, encodeGraphHead } from './graph-sections.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { checkHnswOptions, type HnswOptions, type HnswSettings } from './hnsw-options.ts';
import { insertNode } from './insert-node.ts';
import { type GraphReport, verifyGraph } from './verify-graph.ts';

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

  insertBatch(ids: readonly string[], vectors: Float32Array): void {
    checkBatch(ids, vectors, this.dimension);
    checkComponents(vectors, this.options);
    this.#graph.reserveFor(ids);
    for (const [row, id] of ids.entries()) {
      const slot = this.#graph.table.slotOf(id);
      if (slot !== undefined) deleteNode(this.#graph, slot);
      insertNode(this.#graph, id, vectors, row * this.dimension);
    }
  }

  /** Algorithm 5 (K-NN-SEARCH). */
  search(query: Float32Array, options: SearchOptions): SearchResult {
    checkQuery(query, this.dimension);
    checkComponents(query, this.options);
    checkSearchOptions(options);
    const graph = this.#graph;
    const { entrySlot, kernel } = graph;
    if (entrySlot < 0) return { hits: [], distanceComputations: 0 };
    writeRow(this.metric, query, 0, kernel.query.view, 0, this.dimension);
    kernel.clearDistanceComputations();
    kernel.descend(entrySlot, graph.layers.length - 1, 0, QUERY_ROW, this.size);
    const ef = Math.max(options.k, options.efSearch ?? this.options.efSearch);
    kernel.searchLayer(0, QUERY_ROW, ef, this.size);
    return { hits: this.#hits(options.k), distanceComputations: kernel.distanceComputations };
  }

  delete(id: string): boolean {
    const slot = this.#graph.table.slotOf(id);
    if (slot === undefined) return false;
    deleteNode(this.#graph, slot);
    return true;
  }

  has(id: string): boolean {
    return this.#graph.table.slotOf(id) !== undefined;
  }

  slotOf(id: string): number | undefined {
    return this.#graph.table.slotOf(id);
  }

  vectorAt(slot: number): Float32Array {
    return this.#graph.table.copyRow(slot);
  }

  ids(): IterableIterator<string> {
    return this.#graph.table.ids();
  }

  async save(folder: string, options: StorageOptions = {}): Promise<void> {
    const graph = this.#graph;
    await this.#saves.add(folder, encodeGraphHead(graph), encodeGraph(graph), options);
  }

  /** Walks the whole graph and reports whether every live row is reachable. */
  verify(): GraphReport {
    return verifyGraph(this.#graph);
  }

  #hits(k: number): SearchHit[] {
    const { kernel, table } = this.#graph;
    const { metric, vectorType } = this.options;
    const hits: SearchHit[] = [];
    for (let i = 0; i < Math.min(k, kernel.foundCount); i++) {
      const id = table.idOf(kernel.foundSlot(i));
      if (id === undefined) continue;
      const rank = rankOfKey(kernel.foundKey(i), metric, vectorType);
      hits.push({ id, distance: reportedDistance(metric, rank) });
    }
    return hits;
  }
}
