import type { HnswGraph } from './hnsw-graph.ts';

/** What a full walk over the graph found. */
export interface GraphReport {
  /** Rows that are live. */
  readonly live: number;
  /** Rows that a directed walk from the entry point over base links reaches. */
  readonly reachable: number;
  /** Number of layers, the base layer included. */
  readonly layers: number;
  /** Links on the base layer. */
  readonly baseLinks: number;
  /** What contradicts the invariants, in words; empty when the graph is sound. */
  readonly problems: readonly string[];
}

/** Checks the invariants of a graph by walking all of it; O(rows × links). */
export function verifyGraph(graph: HnswGraph): GraphReport {
  const problems: string[] = [];
  const live = graph.table.size;
  const reachable = countReachable(graph);
  let baseLinks = 0;
  if (reachable !== live) problems.push(`${live - reachable} of ${live} rows are unreachable`);
  for (let level = 0; level < graph.layers.length; level++) {
    const links = checkLayer(graph, level, problems);
    if (level === 0) baseLinks = links;
  }
  if (live > 0) checkTree(graph, problems);
  return { live, reachable, layers: graph.layers.length, baseLinks, problems };
}

function countReachable(graph: HnswGraph): number {
  return countFrom(graph, graph.entrySlot, () => true);
}

/** Walks base links from `start`, along those that `follows` allows, and counts the slots. */
function countFrom(
  graph: HnswGraph,
  start: number,
  follows: (from: number, to: number) => boolean,
): number {
  if (start < 0) return 0;
  const { visited } = graph;
  visited.start(graph.table.slotCount);
  visited.visit(start);
  const reached = [start];
  for (const slot of reached) {
    for (const target of graph.baseLayer.targets(slot)) {
      if (follows(slot, target) && visited.visit(target)) reached.push(target);
    }
  }
  return reached.length;
}

function checkLayer(graph: HnswGraph, level: number, problems: string[]): number {
  const layer = graph.layer(level);
  const slots = layer.slots();
  let links = 0;
  if (level === 0 && slots.length !== graph.table.size) {
    problems.push(`the base layer holds ${slots.length} of ${graph.table.size} rows`);
  }
  for (const slot of slots) {
    const targets = layer.targets(slot);
    links += targets.length;
    if (new Set(targets).size !== targets.length) problems.push(`slot ${slot} repeats a link`);
    for (const target of targets) {
      if (target === slot || !layer.has(target)) {
        problems.push(`slot ${slot} links to ${target} on layer ${level}`);
      }
    }
    if (level > 0 && !graph.layer(level - 1).has(slot)) {
      problems.push(`slot ${slot} is on layer ${level} but not below`);
    }
  }
  return links;
}

function checkTree(graph: HnswGraph, problems: string[]): void {
  const { baseLayer, tree } = graph;
  const slots = baseLayer.slots();
  const roots = slots.filter((slot) => tree.parentOf(slot) < 0);
  if (roots.length !== 1) problems.push(`the spanning tree has ${roots.length} roots`);
  for (const slot of slots) {
    const parent = tree.parentOf(slot);
    if (parent < 0) continue;
    const linked = baseLayer.has(parent) && baseLayer.linksTo(slot, parent);
    if (!linked || !baseLayer.linksTo(parent, slot)) {
      problems.push(`the tree edge between ${slot} and ${parent} is not linked both ways`);
    }
    if (!tree.isWithinDegree(parent)) problems.push(`slot ${parent} has too many tree edges`);
  }
  const held = countFrom(graph, roots[0] ?? -1, (from, to) => tree.parentOf(to) === from);
  if (held !== slots.length) problems.push(`the spanning tree holds ${held} of ${slots.length}`);
}
