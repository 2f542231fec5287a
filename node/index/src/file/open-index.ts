import { FlatIndex } from '../flat/flat-index.ts';
import { decodeGraph } from '../hnsw/graph-sections.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IvfIndex } from '../ivf/ivf-index.ts';
import { decodeLists } from '../ivf/ivf-sections.ts';
import type { StorageOptions, VectorIndex } from '../vector-index.ts';
import { readSectionFile } from './read-section-file.ts';
import type { StoredIndex } from './stored-index.ts';

/**
 * Opens a saved index of any kind, after checking all of its bytes and invariants.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function openIndex(
  folder: string,
  options: StorageOptions = {},
): Promise<VectorIndex> {
  const stored = await readSectionFile(folder, options);
  if (stored.text('kind') === 'flat') return decodeFlat(stored);
  return stored.text('kind') === 'ivf' ? decodeIvf(stored) : decodeHnsw(stored);
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
  return decodeHnsw(await readSectionFile(folder, options));
}

function decodeHnsw(stored: StoredIndex): HnswIndex {
  stored.require(stored.text('kind') === 'hnsw', `it is of the kind '${stored.text('kind')}'`);
  const graph = stored.decode(decodeGraph);
  return new HnswIndex(graph.options, graph);
}

function decodeFlat(stored: StoredIndex): FlatIndex {
  return stored.decode((source) => FlatIndex.restore(source));
}

function decodeIvf(stored: StoredIndex): IvfIndex {
  const { options, state } = stored.decode(decodeLists);
  return new IvfIndex(options, state);
}
