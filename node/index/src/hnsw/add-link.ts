import type { HnswGraph } from './hnsw-graph.ts';

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
  const { kernel } = graph;
  kernel.poolTargets(level, from, layer.degreeMax);
  kernel.poolSlots(from, [to]);
  // Keeping pruned links here fills every row: slower builds, no gain at equal distance counts.
  kernel.selectNeighbours(level, from, layer.degreeMax, false);
  replaceLinks(graph, level, from);
}

/** Replaces every link of a slot by the neighbours chosen last, diverse ones first. */
export function replaceLinks(graph: HnswGraph, level: number, from: number): void {
  const { kernel } = graph;
  const layer = graph.layer(level);
  const chosen = kernel.chosenSlots();
  layer.clear(from);
  for (const [i, slot] of chosen.entries()) if (kernel.isDiverse(i)) layer.link(from, slot);
  layer.noteDiverse(from, layer.degree(from));
  for (const [i, slot] of chosen.entries()) if (!kernel.isDiverse(i)) layer.link(from, slot);
}
