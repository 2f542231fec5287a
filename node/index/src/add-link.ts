import type { CandidateList } from './candidate-list.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import { selectNeighbours } from './select-neighbours.ts';

/**
 * Adds a link and, when the row is full, shrinks it by the selection heuristic (Algorithm 1,
 * lines 14–16). The new link itself may be what is dropped unless it is pinned.
 */
export function addLink(graph: HnswGraph, level: number, from: number, to: number): void {
  const layer = graph.layer(level);
  if (layer.linksTo(from, to)) return;
  if (layer.degree(from) < layer.degreeMax) {
    layer.link(from, to);
    return;
  }
  const { chosen, pool } = graph.scratch;
  pool.clear();
  for (const target of layer.targets(from)) pool.insertSorted(target, graph.between(from, target));
  pool.insertSorted(to, graph.between(from, to));
  selectNeighbours(graph, level, from, layer.degreeMax, SHRINK_KEEPS_PRUNED);
  replaceLinks(graph, level, from, chosen);
}

/** Replaces every link of a slot. */
export function replaceLinks(
  graph: HnswGraph,
  level: number,
  from: number,
  chosen: CandidateList,
): void {
  const layer = graph.layer(level);
  layer.clear(from);
  for (let i = 0; i < chosen.length; i++) layer.link(from, chosen.slotAt(i));
}

const SHRINK_KEEPS_PRUNED = false;
