import { measureOf } from '../codec/distance.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { FlatMemory } from '../memory/flat-memory.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { SeededRandom } from '../seeded-random.ts';
import { GraphKernel } from './graph-kernel.ts';
import type { HnswOptions } from './hnsw-options.ts';
import { LinkLayer } from './link-layer.ts';
import { SpanningTree } from './spanning-tree.ts';
import { VisitedMarks } from './visited-marks.ts';

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
  readonly table: VectorTable;
  readonly layers: LinkLayer[] = [];
  readonly tree: SpanningTree;
  readonly kernel: GraphKernel;
  readonly visited = new VisitedMarks();
  readonly #memory = new FlatMemory();
  random: SeededRandom;
  entrySlot = -1;

  constructor(options: HnswOptions) {
    this.options = options;
    const { m, metric, vectorType } = options;
    this.table = new VectorTable(this.#memory, options);
    this.tree = new SpanningTree(this.#memory, m);
    this.kernel = new GraphKernel(this.#memory, this.table, 2 * m);
    this.#memory.kernel.configure(measureOf(metric, vectorType), this.table.rowBytes, m);
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
    const level = this.layers.length;
    const layer = new LinkLayer(this.#memory, level, level === 0 ? 2 * m : m);
    this.layers.push(layer);
    return layer;
  }

  /**
   * Makes room for a whole batch before the first row of it is written.
   *
   * @throws IndexError `limit-exceeded`
   */
  reserveFor(ids: readonly string[]): void {
    this.table.reserveFor(ids);
    // Links, degrees, marks and heaps double when they are full and leave a hole behind.
    const bytesPerRow = 4 * (4 * 2 * this.options.m + 64);
    this.#memory.reserveHeadroom(ids.length * bytesPerRow);
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
}
