// Malkov & Yashunin 2016, Algorithm 1 (INSERT).

import { addLink, replaceLinks } from './add-link.ts';
import { hangTree } from './grow-tree.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import { descend, searchLayer } from './search-layer.ts';
import { selectNeighbours } from './select-neighbours.ts';

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
  const { table, tree } = graph;
  const slot = table.add(id, source, sourceStart);
  const level = graph.drawLevel();
  const top = graph.layers.length - 1;
  tree.plant(slot);
  if (top >= 0) {
    const below = Math.min(level, top);
    descend(graph, below, table.vectors, slot * table.dimension, graph.options.efConstruction);
    for (let at = below; at >= 0; at--) connect(graph, at, slot);
  }
  for (let at = top + 1; at <= level; at++) graph.addLayer().add(slot);
  if (level > top) graph.entrySlot = slot;
}

function connect(graph: HnswGraph, level: number, slot: number): void {
  const { options, scratch, table } = graph;
  const { efConstruction, m } = options;
  const { chosen, found, pool } = scratch;
  // As many ties as the beam is wide: a build over equal rows stays linear in them.
  const start = slot * table.dimension;
  searchLayer(graph, level, table.vectors, start, efConstruction, efConstruction);
  pool.clear();
  for (let i = 0; i < found.length; i++) pool.append(found.slotAt(i), found.distanceAt(i));
  selectNeighbours(graph, level, slot, m, true);
  const neighbours = chosen.slots.slice(0, chosen.length);
  graph.layer(level).add(slot);
  replaceLinks(graph, level, slot, chosen);
  if (level === 0) hangTree(graph, slot, neighbours, found.slotAt(0));
  for (const neighbour of neighbours) addLink(graph, level, neighbour, slot);
}
