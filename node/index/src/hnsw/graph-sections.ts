import { checkMetric, checkVectorType } from '../check-input.ts';
import type { Section } from '../file/section-file.ts';
import type { StoredIndex } from '../file/stored-index.ts';
import { decodeTable, encodeTable, ownedSection, typeField } from '../file/table-sections.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { SeededRandom } from '../seeded-random.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { checkHnswOptions, type HnswOptions } from './hnsw-options.ts';
import type { LinkLayer } from './link-layer.ts';
import { verifyGraph } from './verify-graph.ts';

/** The facts of a graph that fit in a header. */
export function encodeGraphHead(graph: HnswGraph): Record<string, unknown> {
  const { vectorType, ...options } = graph.options;
  return {
    kind: 'hnsw',
    ...options,
    ...typeField(vectorType),
    layers: graph.layers.length,
    entrySlot: graph.entrySlot,
    random: graph.random.state(),
  };
}

/** A graph as sections: the table, the tree and, per layer, slots, degrees and links. */
export function encodeGraph(graph: HnswGraph): Section[] {
  const parents = Int32Array.from({ length: graph.table.slotCount }, (_, slot) => {
    return graph.table.idOf(slot) === undefined ? -1 : graph.tree.parentOf(slot);
  });
  return [
    ...encodeTable(graph.table),
    ownedSection('parents', parents),
    ...graph.layers.flatMap((layer, level) => encodeLayer(layer, level)),
  ];
}

/**
 * Restores a graph link by link, without building it anew.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeGraph(stored: StoredIndex): HnswGraph {
  const graph = new HnswGraph(decodeOptions(stored));
  decodeTable(stored, graph.table);
  const layers = stored.integer('layers');
  stored.require(layers >= 0 && layers <= INDEX_LIMITS.layersMax, `it has ${layers} layers`);
  for (let level = 0; level < layers; level++) decodeLayer(stored, graph, level);
  decodeTree(stored, graph);
  graph.entrySlot = stored.integer('entrySlot');
  const random = stored.integers('random');
  stored.require(random.length === 4 && random.some((word) => word !== 0), 'random is no state');
  graph.random = SeededRandom.resume(random);
  checkEntry(stored, graph);
  const { problems } = verifyGraph(graph);
  stored.require(problems.length === 0, problems[0] ?? '');
  return graph;
}

function encodeLayer(layer: LinkLayer, level: number): Section[] {
  const slots = layer.slots();
  const degrees = slots.map((slot) => layer.degree(slot));
  const links = new Int32Array(degrees.reduce((sum, degree) => sum + degree, 0));
  let position = 0;
  for (const slot of slots) {
    const targets = layer.targets(slot);
    links.set(targets, position);
    position += targets.length;
  }
  return [
    ownedSection(`layer-${level}-slots`, Int32Array.from(slots)),
    ownedSection(`layer-${level}-degrees`, Int32Array.from(degrees)),
    ownedSection(`layer-${level}-links`, links),
  ];
}

function decodeOptions(stored: StoredIndex): HnswOptions {
  const metric = stored.text('metric');
  checkMetric(metric);
  const vectorType = stored.vectorType();
  checkVectorType(vectorType, metric);
  return checkHnswOptions({
    metric,
    vectorType,
    dimension: stored.integer('dimension'),
    m: stored.integer('m'),
    efConstruction: stored.integer('efConstruction'),
    efSearch: stored.integer('efSearch'),
    maxElements: stored.integer('maxElements'),
    seed: stored.integer('seed'),
  });
}

function decodeLayer(stored: StoredIndex, graph: HnswGraph, level: number): void {
  const layer = graph.addLayer();
  const slotMax = graph.table.slotCount - 1;
  const slots = stored.int32Section(`layer-${level}-slots`, 0, slotMax);
  const degrees = stored.int32Section(`layer-${level}-degrees`, 0, layer.degreeMax);
  const links = stored.int32Section(`layer-${level}-links`, 0, slotMax);
  const total = degrees.reduce((sum, degree) => sum + degree, 0);
  stored.require(degrees.length === slots.length && total === links.length, 'links are missing');
  for (const slot of slots) {
    stored.require(graph.table.idOf(slot) !== undefined, `layer ${level} holds a free slot`);
    stored.require(!layer.has(slot), `slot ${slot} is twice on layer ${level}`);
    layer.add(slot);
  }
  let position = 0;
  for (const [row, slot] of slots.entries()) {
    for (const end = position + (degrees[row] ?? 0); position < end; position++) {
      const target = links[position] as number;
      stored.require(layer.has(target), `slot ${slot} links out of layer ${level}`);
      layer.link(slot, target);
    }
  }
}

function decodeTree(stored: StoredIndex, graph: HnswGraph): void {
  const { slotCount } = graph.table;
  const parents = stored.int32Section('parents', -1, slotCount - 1);
  stored.require(parents.length === slotCount, 'rows and parents differ in number');
  for (let slot = 0; slot < slotCount; slot++) graph.tree.plant(slot);
  for (const [slot, parent] of parents.entries()) {
    if (parent < 0) continue;
    stored.require(graph.table.idOf(slot) !== undefined, `the tree holds the free slot ${slot}`);
    graph.tree.attach(slot, parent);
  }
}

function checkEntry(stored: StoredIndex, graph: HnswGraph): void {
  const top = graph.layers.at(-1);
  const sound = top === undefined ? graph.entrySlot === -1 : top.has(graph.entrySlot);
  stored.require(sound && (top === undefined) === (graph.table.size === 0), 'its entry is missing');
}
