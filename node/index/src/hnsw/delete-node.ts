// A real deletion of v: every u that linked to v is linked anew from N(u) ∪ N(v) by the selection
// heuristic (the local repair of FreshDiskANN, Singh et al. 2021, section 4). The subtrees that
// hung below v find new places, so nothing is orphaned.

import { replaceLinks } from './add-link.ts';
import { hangTree } from './grow-tree.ts';
import type { HnswGraph } from './hnsw-graph.ts';

/** Removes a live slot from every layer, repairs around it and frees it. */
export function deleteNode(graph: HnswGraph, slot: number): void {
  for (let level = graph.levelOf(slot); level >= 0; level--) {
    const layer = graph.layer(level);
    const targets = [...layer.targets(slot)];
    const sources = layer.sources(slot);
    const around = [...new Set([...targets, ...sources])];
    const degrees = sources.map((source) => layer.degree(source));
    const subtrees = level === 0 ? uprootChildren(graph, slot, around) : [];
    layer.remove(slot);
    if (level === 0) rehang(graph, subtrees, around);
    for (const [i, source] of sources.entries()) {
      relink(graph, level, source, targets, degrees[i] as number);
    }
  }
  graph.table.remove(slot);
  dropEmptyLayers(graph);
  if (graph.entrySlot === slot) graph.entrySlot = graph.layers.at(-1)?.slots()[0] ?? -1;
}

/** The roots of the trees that remain: the children, and the parent's side where there is one. */
function uprootChildren(graph: HnswGraph, slot: number, around: readonly number[]): number[] {
  const { tree } = graph;
  const children = around.filter((neighbour) => tree.parentOf(neighbour) === slot);
  const parent = tree.parentOf(slot);
  for (const child of children) tree.detach(child);
  tree.detach(slot);
  return parent < 0 ? children : [parent, ...children];
}

function rehang(graph: HnswGraph, trees: readonly number[], around: readonly number[]): void {
  const [trunk, ...rest] = trees;
  if (trunk === undefined) return;
  for (const [i, root] of rest.entries()) {
    poolAround(graph, 0, root, around);
    // A root that still waits for its own place keeps one edge for it.
    const waiting = rest.slice(i + 1);
    const nearby = graph.kernel
      .pooledSlots()
      .filter((slot) => !waiting.includes(slot) || graph.tree.hasRoom(slot, 2));
    hangTree(graph, root, nearby, trunk);
  }
}

function relink(
  graph: HnswGraph,
  level: number,
  slot: number,
  around: readonly number[],
  degreeBefore: number,
): void {
  const layer = graph.layer(level);
  const before = new Set(layer.targets(slot));
  poolAround(graph, level, slot, around);
  graph.kernel.selectNeighbours(level, slot, Math.max(degreeBefore, before.size), true);
  replaceLinks(graph, level, slot);
  for (const target of graph.kernel.chosenSlots()) {
    if (before.has(target) || layer.degree(target) >= layer.degreeMax) continue;
    if (!layer.linksTo(target, slot)) layer.link(target, slot);
  }
}

/** Fills the pool with N(slot) ∪ `around`, nearest first. */
function poolAround(
  graph: HnswGraph,
  level: number,
  slot: number,
  around: readonly number[],
): void {
  const { kernel, visited } = graph;
  const layer = graph.layer(level);
  visited.start(graph.table.slotCount);
  visited.visit(slot);
  kernel.poolTargets(level, slot, layer.degreeMax);
  for (const target of layer.targets(slot)) visited.visit(target);
  kernel.poolSlots(
    slot,
    around.filter((other) => visited.visit(other)),
  );
}

function dropEmptyLayers(graph: HnswGraph): void {
  while (graph.layers.at(-1)?.size === 0) graph.layers.pop();
}
