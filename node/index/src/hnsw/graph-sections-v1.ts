// Graphs as version 1 wrote them: packed rows, and per layer the slots, degrees and links.

import type { StoredIndex } from '../file/stored-index.ts';
import { decodeTableV1 } from '../file/table-sections.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { baseDegreeMaxOf, capacityFor } from '../memory/memory-layout.ts';
import { checkGraph } from './check-graph.ts';
import { decodeOptions, decodeRandom } from './graph-sections.ts';
import { HnswGraph } from './hnsw-graph.ts';

/**
 * Restores a graph link by link, without building it anew.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeGraphV1(stored: StoredIndex): HnswGraph {
  const options = decodeOptions(stored);
  const count = stored.integer('layers');
  stored.require(count >= 0 && count <= INDEX_LIMITS.layersMax, `it has ${count} layers`);
  const slotCount = stored.idSection('ids').length;
  const layers = Array.from({ length: count }, (_, level) => decodeLayer(stored, level, slotCount));
  const blocks = layers.slice(1).reduce((sum, { size }) => sum + size, 0);
  const graph = new HnswGraph(options, capacityFor(slotCount, blocks, options.m));
  decodeTableV1(stored, graph.table);
  placeSlots(stored, graph, layers);
  for (const [level, links] of layers.entries()) {
    const degreeMax = level === 0 ? baseDegreeMaxOf(options.m) : options.m;
    for (const [slot, targets] of links) {
      stored.require(targets.length <= degreeMax, `slot ${slot} has too many links`);
      graph.writeLinks(level, slot, targets, 0);
    }
  }
  const parents = stored.int32Section('parents', -1, slotCount - 1);
  stored.require(parents.length === slotCount, 'rows and parents differ in number');
  graph.memory.parents.set(parents);
  const entrySlot = stored.integer('entrySlot');
  const isSlot = entrySlot === -1 || layers.at(-1)?.has(entrySlot) === true;
  stored.require(isSlot, 'its entry is missing');
  graph.memory.entry = entrySlot < 0 ? -1 : ((count - 1) << 24) | entrySlot;
  graph.random = decodeRandom(stored);
  checkGraph(stored, graph, graph.upperBlocks.used);
  return graph;
}

type LinksBySlot = Map<number, Int32Array>;

function decodeLayer(stored: StoredIndex, level: number, slotCount: number): LinksBySlot {
  const slots = stored.int32Section(`layer-${level}-slots`, 0, slotCount - 1);
  const degrees = stored.int32Section(`layer-${level}-degrees`, 0, 2 * INDEX_LIMITS.mMax);
  const links = stored.int32Section(`layer-${level}-links`, 0, slotCount - 1);
  const total = degrees.reduce((sum, degree) => sum + degree, 0);
  stored.require(degrees.length === slots.length && total === links.length, 'links are missing');
  const layer: LinksBySlot = new Map();
  let position = 0;
  for (const [row, slot] of slots.entries()) {
    const end = position + (degrees[row] as number);
    layer.set(slot, links.subarray(position, end));
    position = end;
  }
  stored.require(layer.size === slots.length, `a slot is twice on layer ${level}`);
  return layer;
}

/** Puts every slot on its layers; it must be on all below its highest. */
function placeSlots(stored: StoredIndex, graph: HnswGraph, layers: readonly LinksBySlot[]): void {
  const base = layers[0] ?? new Map<number, Int32Array>();
  const upper = layers.slice(1);
  const expected = upper.reduce((sum, { size }) => sum + size, 0);
  let placed = 0;
  for (const slot of base.keys()) {
    let level = 0;
    while (upper[level]?.has(slot) === true) level++;
    placed += level;
    stored.require(graph.placeLists(slot, level), 'it has more layers than rows');
  }
  stored.require(placed === expected, 'a row is on a layer but not below');
}
