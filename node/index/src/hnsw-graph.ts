import { type DistanceKernel, distanceKernel } from './distance.ts';
import type { HnswOptions } from './hnsw-options.ts';
import { INDEX_LIMITS } from './index-limits.ts';
import { LinkLayer } from './link-layer.ts';
import { SearchScratch } from './search-scratch.ts';
import { SeededRandom } from './seeded-random.ts';
import { SpanningTree } from './spanning-tree.ts';
import { VectorTable } from './vector-table.ts';

/**
 * The state of a hierarchical navigable small world: rows, layers of links, entry point.
 *
 * Invariant: a slot on layer ℓ is on every layer below; `entrySlot` is on the highest layer, which
 * is never empty; -1 means that the graph is empty and has no layers.
 * Invariant: every edge of `tree` is a pair of links on the base layer, one each way; therefore
 * every live slot is reachable from every other.
 */
export class HnswGraph {
  readonly options: HnswOptions;
  readonly distance: DistanceKernel;
  readonly table: VectorTable;
  readonly layers: LinkLayer[] = [];
  readonly tree: SpanningTree;
  readonly scratch: SearchScratch;
  random: SeededRandom;
  entrySlot = -1;

  constructor(options: HnswOptions) {
    this.options = options;
    this.distance = distanceKernel(options.metric);
    this.table = new VectorTable(options.metric, options.dimension, options.maxElements);
    this.tree = new SpanningTree(options.m);
    this.scratch = new SearchScratch(options.dimension);
    this.random = new SeededRandom(options.seed);
  }

  /** Layer 0, which holds every live slot. */
  get baseLayer(): LinkLayer {
    return this.layer(0);
  }

  layer(level: number): LinkLayer {
    const layer = this.layers[level];
    if (layer === undefined) throw new RangeError(`layer ${level} of ${this.layers.length}`);
    return layer;
  }

  /** Adds an empty layer on top; the base layer takes twice the links (M_max0 = 2·M). */
  addLayer(): LinkLayer {
    const { m } = this.options;
    const layer = new LinkLayer(this.layers.length === 0 ? 2 * m : m);
    this.layers.push(layer);
    return layer;
  }

  /** The highest layer that a slot is on. */
  levelOf(slot: number): number {
    let level = this.layers.length - 1;
    while (level > 0 && !this.layer(level).has(slot)) level--;
    return level;
  }

  /** Draws a level from the exponential distribution with m_L = 1 / ln(M), section 4.1. */
  drawLevel(): number {
    const level = Math.floor(-Math.log(this.random.nextOpenUnit()) / Math.log(this.options.m));
    return Math.min(level, INDEX_LIMITS.layersMax - 1);
  }

  /** Rank between two live slots. */
  between(a: number, b: number): number {
    const { vectors, dimension } = this.table;
    return this.distance(vectors, a * dimension, vectors, b * dimension, dimension);
  }

  /** Whether a link must survive pruning: it is half of a tree edge on the base layer. */
  isPinned(level: number, from: number, to: number): boolean {
    return level === 0 && this.tree.joins(from, to);
  }
}
