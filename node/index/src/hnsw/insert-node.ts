// Malkov & Yashunin 2016, Algorithm 1 (INSERT).

import { addLink, replaceLinks } from './add-link.ts';
import { hangTree } from './grow-tree.ts';
import type { HnswGraph } from './hnsw-graph.ts';

/**
 * Adds one row under an id that is not in the graph yet.
 *
 * @param source - the row begins at `sourceStart`
 */
export function insertNode(
  graph: HnswGraph,
  id: string,
  source: Float32Array,
  sourceStart: number,
): void {
  const { kernel, options, table, tree } = graph;
  const slot = table.add(id, source, sourceStart);
  const level = graph.drawLevel();
  const top = graph.layers.length - 1;
  tree.plant(slot);
  if (top >= 0) {
    const below = Math.min(level, top);
    kernel.descend(graph.entrySlot, top, below, slot, options.efConstruction);
    for (let at = below; at >= 0; at--) connect(graph, at, slot);
  }
  for (let at = top + 1; at <= level; at++) graph.addLayer().add(slot);
  if (level > top) graph.entrySlot = slot;
}

function connect(graph: HnswGraph, level: number, slot: number): void {
  const { kernel, options } = graph;
  const { efConstruction, m } = options;
  // As many ties as the beam is wide: a build over equal rows stays linear in them.
  kernel.searchLayer(level, slot, efConstruction, efConstruction);
  kernel.poolFound();
  kernel.selectNeighbours(level, slot, m, true);
  const neighbours = kernel.chosenSlots();
  graph.layer(level).add(slot);
  replaceLinks(graph, level, slot);
  if (level === 0) hangTree(graph, slot, neighbours, kernel.foundSlot(0));
  for (const neighbour of neighbours) addLink(graph, level, neighbour, slot);
}
