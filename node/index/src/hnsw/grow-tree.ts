// Every live node hangs in the spanning tree by a pair of links on the base layer. This file
// finds a place for a node, or for a whole subtree whose parent was deleted.

import { addLink } from './add-link.ts';
import type { HnswGraph } from './hnsw-graph.ts';

/**
 * Hangs the tree rooted at `root` below the nearest slot of another tree that has room, or, when
 * none of them fits, below a leaf of the tree that `fallback` is in.
 *
 * @param nearby - slots to try, nearest first
 * @param fallback - a slot of another tree
 */
export function hangTree(
  graph: HnswGraph,
  root: number,
  nearby: Iterable<number>,
  fallback: number,
): void {
  const { tree } = graph;
  for (const slot of nearby) {
    if (tree.hasRoom(slot) && !tree.holds(root, slot)) {
      joinTrees(graph, root, slot);
      return;
    }
  }
  joinTrees(graph, root, roomyBelow(graph, fallback));
}

function joinTrees(graph: HnswGraph, root: number, parent: number): void {
  graph.tree.attach(root, parent);
  addLink(graph, 0, root, parent);
  addLink(graph, 0, parent, root);
}

// A leaf has one tree edge at most and degreeMax is at least two, so the walk always ends.
function roomyBelow(graph: HnswGraph, start: number): number {
  const { baseLayer, tree } = graph;
  let slot = start;
  while (!tree.hasRoom(slot)) {
    const child = baseLayer.targets(slot).find((target) => tree.parentOf(target) === slot);
    if (child === undefined) throw new Error(`slot ${slot} counts tree edges that it lacks`);
    slot = child;
  }
  return slot;
}
