import { baseDegreeMaxOf } from '../memory/memory-layout.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import { linksOf } from './links-of.ts';

/** What a full walk over the graph found. */
export interface GraphReport {
  /** Rows that are live. */
  readonly live: number;
  /** Rows that a directed walk from the entry point over base links reaches. */
  readonly reachable: number;
  /** Slots of live rows that it does not reach. */
  readonly orphans: readonly number[];
  /** Number of layers, the base layer included. */
  readonly layers: number;
  /** The slot that searches start from; -1 when there is none. */
  readonly entrySlot: number;
  /** Links on the base layer between live rows. */
  readonly baseLinks: number;
  /** Those of them that no link answers. */
  readonly oneWayLinks: number;
  /** Links on any layer to rows that were deleted since the last sweep; searches skip them. */
  readonly staleLinks: number;
  /** How many live rows have so many base links, by that number. */
  readonly degreeHistogram: readonly number[];
  /** What contradicts the invariants, in words; empty when the graph is sound. */
  readonly problems: readonly string[];
}

/** Checks the invariants of a graph by walking all of it; O(rows × links). */
export function verifyGraph(graph: HnswGraph): GraphReport {
  const problems: string[] = [];
  const live = liveSlots(graph);
  const orphans = findOrphans(graph, live);
  if (live.length !== graph.table.size) {
    problems.push(`${graph.table.size} ids name ${live.length} live rows`);
  }
  if (orphans.length > 0) {
    problems.push(`${orphans.length} of ${live.length} rows are unreachable`);
  }
  let staleLinks = 0;
  for (const slot of live) staleLinks += checkLinks(graph, slot, problems);
  checkEntry(graph, live.length, problems);
  if (live.length > 0) checkTree(graph, live, problems);
  return {
    live: live.length,
    reachable: live.length - orphans.length,
    orphans,
    layers: graph.layerCount,
    entrySlot: graph.entrySlot,
    ...countLinks(graph, live),
    staleLinks,
    problems,
  };
}

function liveSlots(graph: HnswGraph): number[] {
  const slots: number[] = [];
  for (let slot = 0; slot < graph.table.slotCount; slot++) {
    if (graph.memory.isAlive(slot)) slots.push(slot);
  }
  return slots;
}

function findOrphans(graph: HnswGraph, live: readonly number[]): number[] {
  const seen = reach(graph, graph.entrySlot, () => true);
  return live.filter((slot) => seen[slot] !== 1);
}

/** Walks base links between live rows, along those that `follows` allows; 1 for each slot met. */
function reach(
  graph: HnswGraph,
  start: number,
  follows: (from: number, to: number) => boolean,
): Uint8Array {
  const seen = new Uint8Array(graph.table.slotCount);
  if (start < 0) return seen;
  const { degrees, layerCounts, links } = graph.memory;
  const degreeMax = baseDegreeMaxOf(graph.options.m);
  const queue = new Int32Array(graph.table.slotCount);
  queue[0] = start;
  seen[start] = 1;
  for (let [head, tail] = [0, 1]; head < tail; head++) {
    const slot = queue[head] as number;
    const first = slot * degreeMax;
    for (let at = first; at < first + (degrees[slot] as number); at++) {
      const target = links[at] as number;
      if (seen[target] === 1 || layerCounts[target] === 0 || !follows(slot, target)) continue;
      seen[target] = 1;
      queue[tail++] = target;
    }
  }
  return seen;
}

/** Checks the lists of one slot; returns how many of its links lead to dead slots. */
function checkLinks(graph: HnswGraph, slot: number, problems: string[]): number {
  const { layerCounts } = graph.memory;
  const layers = layerCounts[slot] as number;
  if (layers === 0) problems.push(`slot ${slot} is alive on no layer`);
  let stale = 0;
  for (let level = 0; level < layers; level++) {
    const links = linksOf(graph, level, slot);
    for (const [at, target] of links.entries()) {
      if (links.indexOf(target) < at) problems.push(`slot ${slot} repeats a link`);
      const isDead = target < graph.table.slotCount && layerCounts[target] === 0;
      if (isDead) stale++;
      else if (target === slot || level >= (layerCounts[target] ?? 0)) {
        problems.push(`slot ${slot} links to ${target} on layer ${level}`);
      }
    }
  }
  if (stale > 0 && graph.table.deadSlots.length === 0) {
    problems.push(`slot ${slot} links to a free slot`);
  }
  return stale;
}

function countLinks(graph: HnswGraph, live: readonly number[]) {
  const { degrees, layerCounts, links } = graph.memory;
  const degreeMax = baseDegreeMaxOf(graph.options.m);
  const degreeHistogram: number[] = [];
  let baseLinks = 0;
  let oneWayLinks = 0;
  for (const slot of live) {
    const start = slot * degreeMax;
    let degree = 0;
    for (let at = start; at < start + (degrees[slot] as number); at++) {
      const target = links[at] as number;
      if (layerCounts[target] === 0) continue;
      degree++;
      const end = target * degreeMax + (degrees[target] as number);
      let back = target * degreeMax;
      while (back < end && links[back] !== slot) back++;
      if (back === end) oneWayLinks++;
    }
    baseLinks += degree;
    while (degreeHistogram.length <= degree) degreeHistogram.push(0);
    degreeHistogram[degree] = (degreeHistogram[degree] ?? 0) + 1;
  }
  return { baseLinks, oneWayLinks, degreeHistogram };
}

function checkEntry(graph: HnswGraph, live: number, problems: string[]): void {
  const { entrySlot, layerCount, memory } = graph;
  if (live === 0 && entrySlot < 0) return;
  const isSound = memory.isAlive(entrySlot) && memory.layerCounts[entrySlot] === layerCount;
  if (!isSound) problems.push(`the entry ${entrySlot} is not a live row of the top layer`);
  else if (memory.layerCounts.subarray(0, graph.table.slotCount).some((n) => n > layerCount)) {
    problems.push(`a row lies above the entry's layer ${layerCount - 1}`);
  }
}

function checkTree(graph: HnswGraph, live: readonly number[], problems: string[]): void {
  const { parents, treeDegrees } = graph.memory;
  const roots = live.filter((slot) => (parents[slot] as number) < 0);
  if (roots.length !== 1) problems.push(`the spanning tree has ${roots.length} roots`);
  const edges = new Uint16Array(graph.table.slotCount);
  for (const slot of live) {
    const parent = parents[slot] as number;
    if (parent < 0) continue;
    edges[slot] = (edges[slot] as number) + 1;
    edges[parent] = (edges[parent] as number) + 1;
    if (!graph.linksTo(slot, parent) || !graph.linksTo(parent, slot)) {
      problems.push(`the tree edge between ${slot} and ${parent} is not linked both ways`);
    }
  }
  for (const slot of live) {
    const counted = treeDegrees[slot] as number;
    if (edges[slot] !== counted) problems.push(`slot ${slot} has ${edges[slot]} tree edges`);
    if (counted > graph.options.m) problems.push(`slot ${slot} has too many tree edges`);
  }
  const held = reach(graph, roots[0] ?? -1, (from, to) => parents[to] === from);
  const count = held.reduce((sum, seen) => sum + seen, 0);
  if (count !== live.length) problems.push(`the spanning tree holds ${count} of ${live.length}`);
}
