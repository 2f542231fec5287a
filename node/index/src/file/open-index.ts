import { FlatIndex } from '../flat/flat-index.ts';
import { decodeGraph, placeGraph } from '../hnsw/graph-sections.ts';
import { decodeGraphV1 } from '../hnsw/graph-sections-v1.ts';
import type { HnswGraph } from '../hnsw/hnsw-graph.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IvfIndex } from '../ivf/ivf-index.ts';
import { decodeLists } from '../ivf/ivf-sections.ts';
import { VectorTable } from '../memory/vector-table.ts';
import type { StorageOptions } from '../vector-index.ts';
import { readSectionFile } from './read-section-file.ts';
import type { StoredIndex } from './stored-index.ts';
import {
  decodeSlotCount,
  decodeTable,
  decodeTableOptions,
  decodeTableV1,
  rowPlaces,
} from './table-sections.ts';

/**
 * Opens a saved index of any kind, after checking all of its bytes and invariants.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function openIndex(
  folder: string,
  options: StorageOptions = {},
): Promise<FlatIndex | HnswIndex | IvfIndex> {
  let graph: HnswGraph | undefined;
  let table: VectorTable | undefined;
  const stored = await readSectionFile(folder, options, (header) => {
    if (header.version === 1 || header.text('kind') === 'ivf') return undefined;
    if (header.text('kind') === 'flat') {
      const slotCount = decodeSlotCount(header);
      const flat = emptyTable(header, slotCount);
      table = flat;
      const places = rowPlaces(flat, slotCount);
      return (name) => places.get(name);
    }
    const placed = placeHnsw(header);
    graph = placed.graph;
    return placed.place;
  });
  if (stored.text('kind') === 'ivf') return decodeIvf(stored);
  return stored.text('kind') === 'flat' ? decodeFlat(stored, table) : decodeHnsw(stored, graph);
}

/**
 * Opens a saved `HnswIndex`, see `openIndex`.
 *
 * @throws IndexError also `corrupt-file` when the folder holds an index of another kind
 */
export async function openHnswIndex(
  folder: string,
  options: StorageOptions = {},
): Promise<HnswIndex> {
  let graph: HnswGraph | undefined;
  const stored = await readSectionFile(folder, options, (header) => {
    if (header.version === 1) return undefined;
    const placed = placeHnsw(header);
    graph = placed.graph;
    return placed.place;
  });
  return decodeHnsw(stored, graph);
}

function placeHnsw(header: StoredIndex): ReturnType<typeof placeGraph> {
  requireHnsw(header);
  return placeGraph(header);
}

function decodeHnsw(stored: StoredIndex, placed: HnswGraph | undefined): HnswIndex {
  requireHnsw(stored);
  const graph = stored.decode((source) => {
    if (placed === undefined) return decodeGraphV1(source);
    decodeGraph(source, placed);
    return placed;
  });
  return new HnswIndex(graph.options, graph);
}

function requireHnsw(stored: StoredIndex): void {
  stored.require(stored.text('kind') === 'hnsw', `it is of the kind '${stored.text('kind')}'`);
}

function decodeFlat(stored: StoredIndex, placed: VectorTable | undefined): FlatIndex {
  const table = stored.decode((source) => {
    if (placed !== undefined) {
      decodeTable(source, placed, decodeSlotCount(source));
      return placed;
    }
    const older = emptyTable(source, source.idSection('ids').length);
    decodeTableV1(source, older);
    return older;
  });
  for (let slot = 0; slot < table.slotCount; slot++) {
    if (table.ids.has(slot)) table.memory.setAlive(slot, true);
  }
  return new FlatIndex({ maxElements: table.maxElements, ...table.rows.options }, table);
}

function emptyTable(stored: StoredIndex, slotCount: number): VectorTable {
  const options = decodeTableOptions(stored);
  return stored.decode(() => new VectorTable({ ...options, capacity: Math.max(slotCount, 1) }));
}

function decodeIvf(stored: StoredIndex): IvfIndex {
  const { options, state } = stored.decode(decodeLists);
  return new IvfIndex(options, state);
}
