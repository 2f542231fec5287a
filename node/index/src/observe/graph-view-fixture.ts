// For tests: indexes whose graph can be looked at, and graphs that can be damaged.

import { FlatIndex } from '../flat/flat-index.ts';
import type { GraphView } from '../hnsw/graph-view.ts';
import { HnswGraph } from '../hnsw/hnsw-graph.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { checkHnswOptions, type HnswSettings } from '../hnsw/hnsw-options.ts';
import type { InspectionSubject } from './inspect-index.ts';

/** An index together with the graph that it hides, and an exact one of the same rows. */
export class ObservedIndex {
  readonly index: HnswIndex;
  readonly exact: FlatIndex;
  readonly graph: HnswGraph;

  constructor(settings: HnswSettings) {
    const options = checkHnswOptions(settings);
    this.graph = new HnswGraph(options);
    this.index = new HnswIndex(settings, this.graph);
    this.exact = new FlatIndex({ dimension: options.dimension, metric: options.metric });
  }

  insert(ids: readonly string[], rows: Float32Array): void {
    this.index.insertBatch(ids, rows);
    this.exact.insertBatch(ids, rows);
  }

  delete(id: string): void {
    this.index.delete(id);
    this.exact.delete(id);
  }

  /** The graph as it is now. */
  get view(): GraphView {
    return this.index.view();
  }

  get subject(): InspectionSubject & Required<Pick<InspectionSubject, 'auditor'>> {
    const { exact, graph, index, view } = this;
    return {
      view,
      metric: index.metric,
      m: index.options.m,
      idOf: (slot) => graph.table.idOf(slot),
      auditor: {
        search: (query, options) => index.search(query, options).hits,
        exact: (query, options) => exact.search(query, options).hits,
      },
    };
  }
}

/** A graph in plain arrays, free to be damaged. */
export class PlainGraph implements GraphView {
  entrySlot: number;
  /** Targets by layer and slot. */
  readonly links: number[][][];
  readonly live: boolean[];
  readonly #levels: number[];
  readonly #distance: (a: number, b: number) => number;

  constructor(links: number[][][], distance: (a: number, b: number) => number) {
    const base = links[0] ?? [];
    this.links = links;
    this.entrySlot = base.length > 0 ? 0 : -1;
    this.live = base.map(() => true);
    this.#levels = base.map(() => links.length - 1);
    this.#distance = distance;
  }

  static copyOf(view: GraphView): PlainGraph {
    const slots = [...Array(view.slotCount).keys()];
    const links = Array.from({ length: view.layerCount }, (_, level) =>
      slots.map((slot) =>
        view.isLive(slot) && view.levelOf(slot) >= level ? [...view.targets(level, slot)] : [],
      ),
    );
    const copy = new PlainGraph(links, view.distance);
    copy.entrySlot = view.entrySlot;
    for (const slot of slots) {
      copy.live[slot] = view.isLive(slot);
      copy.#levels[slot] = view.isLive(slot) ? view.levelOf(slot) : 0;
    }
    return copy;
  }

  get slotCount(): number {
    return this.live.length;
  }

  get layerCount(): number {
    return this.links.length;
  }

  isLive(slot: number): boolean {
    return this.live[slot] ?? false;
  }

  levelOf(slot: number): number {
    return this.#levels[slot] ?? 0;
  }

  targets(level: number, slot: number): Int32Array {
    return Int32Array.from(this.links[level]?.[slot] ?? []);
  }

  distance(a: number, b: number): number {
    return this.#distance(a, b);
  }

  /** Keeps those links, on every layer, that `keeps` allows. */
  filterLinks(keeps: (from: number, to: number) => boolean): void {
    for (const layer of this.links) {
      for (const [from, targets] of layer.entries()) {
        layer[from] = targets.filter((to) => keeps(from, to));
      }
    }
  }
}
