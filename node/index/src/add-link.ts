import { type CandidateList, DIVERSE_BEFORE, NOT_DIVERSE } from './candidate-list.ts';
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
  poolTargets(graph, level, from);
  pool.insertSorted(to, graph.between(from, to));
  // Keeping pruned links here fills every row: slower builds, no gain at equal distance counts.
  selectNeighbours(graph, level, from, layer.degreeMax, false);
  replaceLinks(graph, level, from, chosen);
}

/** Adds every target of a slot to the pool, nearest first, with what is known of its diversity. */
export function poolTargets(graph: HnswGraph, level: number, from: number): void {
  const layer = graph.layer(level);
  const { pool } = graph.scratch;
  const diverse = layer.diverseDegree(from);
  for (const [i, target] of layer.targets(from).entries()) {
    const verdict = i < diverse ? DIVERSE_BEFORE : NOT_DIVERSE;
    pool.insertSorted(target, graph.between(from, target), verdict);
  }
}

/** Replaces every link of a slot, diverse neighbours first. */
export function replaceLinks(
  graph: HnswGraph,
  level: number,
  from: number,
  chosen: CandidateList,
): void {
  const layer = graph.layer(level);
  layer.clear(from);
  for (let i = 0; i < chosen.length; i++) {
    if (chosen.verdictAt(i) !== NOT_DIVERSE) layer.link(from, chosen.slotAt(i));
  }
  layer.noteDiverse(from, layer.degree(from));
  for (let i = 0; i < chosen.length; i++) {
    if (chosen.verdictAt(i) === NOT_DIVERSE) layer.link(from, chosen.slotAt(i));
  }
}
