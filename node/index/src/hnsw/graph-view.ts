import type { HnswGraph } from './hnsw-graph.ts';
import { linksOf } from './links-of.ts';

/**
 * A graph as those see it who look at it and change nothing.
 *
 * Invariant: nothing changes while an inspection reads it, unless the inspection gives way.
 */
export interface GraphView {
  /** Slots that were ever used: live, dead and free ones. */
  readonly slotCount: number;
  /** Layers, the base layer included; 0 for an empty graph. */
  readonly layerCount: number;
  /** Where searches start; -1 in an empty graph. */
  readonly entrySlot: number;
  isLive(slot: number): boolean;
  /** The highest layer that a slot is on; -1 for one that is not live. */
  levelOf(slot: number): number;
  /** The slots that `slot` points at on a layer, dead ones included; a copy. */
  targets(level: number, slot: number): Int32Array;
  /** The reported distance between two live rows. */
  distance(a: number, b: number): number;
}

/** A view of a graph as it is at every moment. */
export function viewGraph(graph: HnswGraph): GraphView {
  return {
    get slotCount() {
      return graph.table.slotCount;
    },
    get layerCount() {
      return graph.layerCount;
    },
    get entrySlot() {
      return graph.entrySlot;
    },
    isLive: (slot) => graph.memory.isAlive(slot),
    levelOf: (slot) => (graph.memory.layerCounts[slot] ?? 0) - 1,
    targets: (level, slot) => targetsOf(graph, level, slot),
    distance: (a, b) => {
      graph.memory.look(graph.table.rows.reported);
      return graph.table.rows.distanceOfKey(graph.memory.kernel.rankSlots(a, b) >>> 0);
    },
  };
}

function targetsOf(graph: HnswGraph, level: number, slot: number): Int32Array {
  return linksOf(graph, level, slot).slice();
}
