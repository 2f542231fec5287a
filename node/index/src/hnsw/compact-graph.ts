import { capacityFor } from '../memory/memory-layout.ts';
import { ENTRY, SLOT_MASK } from '../memory/memory-map.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { linksOf } from './links-of.ts';

/**
 * Copies a graph without its holes. Slots are numbered as a breadth-first walk over the base layer
 * meets them, so rows that are compared one after another lie close together.
 *
 * @returns the copy and, for every slot of `graph`, its slot there, or -1
 */
export function compactGraph(graph: HnswGraph): {
  readonly graph: HnswGraph;
  readonly slots: Int32Array;
} {
  graph.sweep();
  const order = breadthFirst(graph);
  const slots = new Int32Array(graph.table.slotCount).fill(-1);
  for (const [slot, before] of order.entries()) slots[before] = slot;
  let blocks = 0;
  for (const slot of order) blocks += (graph.memory.layerCounts[slot] as number) - 1;
  const copy = new HnswGraph(graph.options, capacityFor(order.length, blocks, graph.options.m));
  copy.table.adopt(graph.table);
  copy.random = graph.random.clone();
  copy.memory.slotCount = order.length;
  for (const [slot, before] of order.entries()) copySlot(graph, before, copy, slot, slots);
  const { entry } = graph.memory;
  if (entry >= 0) {
    copy.memory.head[ENTRY] = (entry & ~SLOT_MASK) | (slots[entry & SLOT_MASK] as number);
  }
  return { graph: copy, slots };
}

function breadthFirst(graph: HnswGraph): Int32Array {
  const order = new Int32Array(graph.table.size);
  const seen = new Uint8Array(graph.table.slotCount);
  let count = 0;
  const take = (slot: number) => {
    if (seen[slot] === 1) return;
    seen[slot] = 1;
    order[count++] = slot;
  };
  if (graph.entrySlot >= 0) take(graph.entrySlot);
  for (let at = 0; at < count; at++) {
    for (const target of linksOf(graph, 0, order[at] as number)) take(target);
  }
  return order;
}

function copySlot(
  from: HnswGraph,
  before: number,
  to: HnswGraph,
  slot: number,
  slots: Int32Array,
): void {
  to.table.rows.copy(from.memory, before, to.memory, slot);
  to.table.ids.set(slot, from.table.idOf(before) ?? '');
  const level = (from.memory.layerCounts[before] as number) - 1;
  to.placeLists(slot, level);
  for (let at = level; at >= 0; at--) {
    const links = linksOf(from, at, before).map((target) => slots[target] as number);
    to.writeLinks(at, slot, links, from.diverseDegreeOf(at, before));
  }
  const parent = from.memory.parents[before] as number;
  to.memory.parents[slot] = parent < 0 ? -1 : (slots[parent] as number);
  to.memory.treeDegrees[slot] = from.memory.treeDegrees[before] as number;
  to.memory.setAlive(slot, true);
}
