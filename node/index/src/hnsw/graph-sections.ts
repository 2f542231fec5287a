// A graph as sections of a file: the used part of every region of its memory.

import type { Section } from '../file/section-file.ts';
import type { StoredIndex } from '../file/stored-index.ts';
import {
  copiedSection,
  decodeSlotCount,
  decodeTable,
  decodeTableOptions,
  encodeTable,
  rowPlaces,
  tableHead,
} from '../file/table-sections.ts';
import { baseDegreeMaxOf, capacityFor, upperBlocksFor } from '../memory/memory-layout.ts';
import { SeededRandom } from '../seeded-random.ts';
import { checkGraph } from './check-graph.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { checkHnswOptions, type HnswOptions } from './hnsw-options.ts';

/** The facts of a graph that fit in a header. */
export function encodeGraphHead(graph: HnswGraph): Record<string, unknown> {
  const { vectorType, ...options } = graph.options;
  return {
    kind: 'hnsw',
    ...options,
    ...tableHead(graph.table),
    entry: graph.memory.entry,
    upperBlocks: graph.upperBlocks.used,
    random: graph.random.state(),
  };
}

/** A copy of a swept graph as sections. */
export function encodeGraph(graph: HnswGraph): Section[] {
  const places = graphPlaces(graph, graph.table.slotCount, graph.upperBlocks.used);
  const sections = [...places].map(([name, values]) => copiedSection(name, values));
  return [...encodeTable(graph.table), ...sections];
}

/** An empty graph with room for a stored one, and where each section of that belongs. */
export function placeGraph(stored: StoredIndex): {
  readonly graph: HnswGraph;
  readonly place: (name: string) => Uint8Array | undefined;
} {
  const options = decodeOptions(stored);
  const slotCount = decodeSlotCount(stored);
  const blocks = stored.integer('upperBlocks');
  stored.require(blocks >= 0 && blocks <= 16 * slotCount, `it has ${blocks} upper blocks`);
  const graph = new HnswGraph(options, capacityFor(slotCount, blocks, options.m));
  const places = graphPlaces(graph, slotCount, blocks);
  const rows = rowPlaces(graph.table, slotCount);
  const place = (name: string) => {
    const values = rows.get(name) ?? places.get(name);
    if (values === undefined) return undefined;
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  };
  return { graph, place };
}

/**
 * Completes a graph whose sections were read to their places, after checking all of it.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeGraph(stored: StoredIndex, graph: HnswGraph): void {
  const slotCount = decodeSlotCount(stored);
  const blocks = stored.integer('upperBlocks');
  for (const [name, values] of graphPlaces(graph, slotCount, blocks)) {
    const { length } = stored.uint8Section(name);
    stored.require(length === values.byteLength, `section ${name} has ${length} bytes`);
  }
  decodeTable(stored, graph.table, slotCount);
  graph.memory.entry = stored.integer('entry');
  graph.random = decodeRandom(stored);
  checkGraph(stored, graph, blocks);
}

/** The state of the random levels. */
export function decodeRandom(stored: StoredIndex): SeededRandom {
  const random = stored.integers('random');
  stored.require(random.length === 4 && random.some((word) => word !== 0), 'random is no state');
  return SeededRandom.resume(random);
}

export function decodeOptions(stored: StoredIndex): HnswOptions {
  return checkHnswOptions({
    ...decodeTableOptions(stored),
    m: stored.integer('m'),
    efConstruction: stored.integer('efConstruction'),
    efSearch: stored.integer('efSearch'),
    seed: stored.integer('seed'),
  });
}

function graphPlaces(
  graph: HnswGraph,
  slotCount: number,
  blocks: number,
): Map<string, Int32Array | Uint8Array> {
  const { m } = graph.options;
  const { memory } = graph;
  return new Map<string, Int32Array | Uint8Array>([
    ['links', memory.links.subarray(0, slotCount * baseDegreeMaxOf(m))],
    ['degrees', memory.degrees.subarray(0, slotCount)],
    ['diverse-degrees', memory.diverseDegrees.subarray(0, slotCount)],
    ['layer-counts', memory.layerCounts.subarray(0, slotCount)],
    ['parents', memory.parents.subarray(0, slotCount)],
    ['upper-offsets', memory.upperOffsets.subarray(0, slotCount)],
    [
      'upper',
      memory.upper.subarray(0, Math.min(blocks, upperBlocksFor(memory.capacity, m)) * (m + 1)),
    ],
  ]);
}
