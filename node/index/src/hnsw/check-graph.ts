// Whether the bytes of a file make a graph. Checksums say that they are those that were written;
// the kernel trusts every link, so every link is looked at.

import type { StoredIndex } from '../file/stored-index.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { baseDegreeMaxOf } from '../memory/memory-layout.ts';
import { SLOT_MASK } from '../memory/memory-map.ts';
import type { HnswGraph } from './hnsw-graph.ts';
import { linksOf } from './links-of.ts';

/**
 * Checks a restored graph and derives what files do not hold: which slots are alive, the degrees
 * of the spanning tree, and the free blocks.
 *
 * @param blocks - upper blocks in use
 * @throws IndexError `corrupt-file`
 */
export function checkGraph(stored: StoredIndex, graph: HnswGraph, blocks: number): void {
  checkLevels(stored, graph, blocks);
  checkLinks(stored, graph);
  checkTree(stored, graph);
  checkEntry(stored, graph);
}

function checkLevels(stored: StoredIndex, graph: HnswGraph, blocks: number): void {
  const { layerCounts, upperOffsets } = graph.memory;
  const owned = new Uint8Array(blocks);
  for (let slot = 0; slot < graph.table.slotCount; slot++) {
    const layers = layerCounts[slot] as number;
    const isNamed = graph.table.ids.has(slot);
    if (layers > 0 !== isNamed || layers > INDEX_LIMITS.layersMax) {
      stored.require(false, `slot ${slot} is on ${layers} layers and has an id: ${isNamed}`);
    }
    if (layers === 0) continue;
    graph.memory.setAlive(slot, true);
    const start = upperOffsets[slot] as number;
    for (let block = start; block < start + layers - 1; block++) {
      stored.require(owned[block] === 0, `slot ${slot} has no upper block of its own`);
      owned[block] = 1;
    }
  }
  graph.upperBlocks.restore(owned);
}

// Typed loops, for this decides how long an index takes to open.
function checkLinks(stored: StoredIndex, graph: HnswGraph): void {
  const { degrees, diverseDegrees, layerCounts, links } = graph.memory;
  const degreeMax = baseDegreeMaxOf(graph.options.m);
  const { slotCount } = graph.table;
  const checkList = listCheck(stored, graph);
  for (let slot = 0; slot < slotCount; slot++) {
    const layers = layerCounts[slot] as number;
    const degree = degrees[slot] as number;
    const isSound = degree <= (layers > 0 ? degreeMax : 0);
    if (!isSound || (diverseDegrees[slot] as number) > degree) {
      stored.require(false, `slot ${slot} has the degree ${degree}`);
    }
    const start = slot * degreeMax;
    // Searches beside a writer may read a list a moment after it became shorter.
    links.fill(0, start + degree, start + degreeMax);
    if (layers > 0) checkList(links, start, start + degree, 0, slot);
    for (let level = 1; level < layers; level++) {
      checkUpperDegree(stored, graph, level, slot);
      const list = linksOf(graph, level, slot);
      checkList(list, 0, list.length, level, slot);
    }
  }
}

type ListCheck = (
  list: Int32Array,
  start: number,
  end: number,
  level: number,
  slot: number,
) => void;

/** Checks that a list leads to other slots on its layer and to none of them twice. */
function listCheck(stored: StoredIndex, graph: HnswGraph): ListCheck {
  const { layerCounts } = graph.memory;
  const { slotCount } = graph.table;
  const listedBy = new Int32Array(slotCount);
  let listNumber = 0;
  return (list, start, end, level, slot) => {
    listNumber++;
    for (let at = start; at < end; at++) {
      const target = list[at] as number;
      const isSlot = target >= 0 && target < slotCount && target !== slot;
      if (!isSlot || level >= (layerCounts[target] as number) || listedBy[target] === listNumber) {
        stored.require(false, `slot ${slot} links to ${target} on layer ${level}`);
      }
      listedBy[target] = listNumber;
    }
  };
}

function checkUpperDegree(
  stored: StoredIndex,
  graph: HnswGraph,
  level: number,
  slot: number,
): void {
  const degree = graph.degreeOf(level, slot);
  const diverse = graph.diverseDegreeOf(level, slot);
  stored.require(degree <= graph.options.m, `slot ${slot} has too many links`);
  stored.require(diverse <= degree, `slot ${slot} has odd degrees`);
}

// A tree of mutual links over all rows: then every row is reachable.
function checkTree(stored: StoredIndex, graph: HnswGraph): void {
  const { layerCounts, parents, treeDegrees } = graph.memory;
  const { slotCount } = graph.table;
  const edges = new Uint16Array(slotCount);
  let roots = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    const parent = parents[slot] as number;
    if (layerCounts[slot] === 0) continue;
    if (parent === -1) {
      roots++;
      continue;
    }
    const isSlot = parent >= 0 && parent < slotCount;
    if (!isSlot || !graph.linksTo(slot, parent) || !graph.linksTo(parent, slot)) {
      stored.require(false, `slot ${slot} hangs below ${parent} without links`);
    }
    edges[slot] = (edges[slot] as number) + 1;
    edges[parent] = (edges[parent] as number) + 1;
  }
  stored.require(roots === (graph.table.size > 0 ? 1 : 0), `its tree has ${roots} roots`);
  stored.require(!hasCircle(parents, layerCounts, slotCount), 'its tree has a circle');
  for (let slot = 0; slot < slotCount; slot++) {
    const degree = edges[slot] as number;
    if (degree > graph.options.m) stored.require(false, `slot ${slot} has ${degree} tree edges`);
    treeDegrees[slot] = degree;
  }
}

// Every climb marks its way, so each slot is climbed through once.
function hasCircle(parents: Int32Array, layerCounts: Uint8Array, slotCount: number): boolean {
  const climb = new Int32Array(slotCount);
  for (let start = 0; start < slotCount; start++) {
    if (layerCounts[start] === 0) continue;
    let slot = start;
    while (slot >= 0 && climb[slot] === 0) {
      climb[slot] = start + 1;
      slot = parents[slot] as number;
    }
    if (slot >= 0 && climb[slot] === start + 1) return true;
  }
  return false;
}

function checkEntry(stored: StoredIndex, graph: HnswGraph): void {
  const { entry, layerCounts } = graph.memory;
  const { size, slotCount } = graph.table;
  const slot = entry & SLOT_MASK;
  const layers = entry < 0 ? 0 : layerCounts[slot];
  const isSound = entry === -1 ? size === 0 : slot < slotCount && layers === graph.layerCount;
  stored.require(isSound && (size === 0) === (entry === -1), 'its entry is missing');
  const highest = layerCounts.subarray(0, slotCount).reduce((a, b) => Math.max(a, b), 0);
  stored.require(highest === graph.layerCount, 'its entry is not on the top layer');
}
