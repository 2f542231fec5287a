// What a collection asks of the index inside a segment, and the one place that makes one by name.

import { rowSettingsOf } from '../codec/row-options.ts';
import { openIndex } from '../file/open-index.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex, type HnswSearchResult } from '../hnsw/hnsw-index.ts';
import { IvfIndex } from '../ivf/ivf-index.ts';
import { checkIvfVectorType } from '../ivf/ivf-options.ts';
import type { MemoryUsage, SearchOptions, SearchResult, VectorIndex } from '../vector-index.ts';
import type { CollectionOptions, FixedOptions, SegmentKind } from './collection-options.ts';

/** Components of rows and queries. */
export type Components = Float32Array | Uint8Array;

/** A search of one index; what a kind does not know it ignores. */
export interface IndexSearchOptions extends SearchOptions {
  /** Lists to look into. */
  readonly probes?: number;
  /** Whether the result shall say how the search went, if the index can tell. */
  readonly trace?: boolean;
}

export interface SegmentIndex
  extends Pick<
    VectorIndex,
    'dimension' | 'metric' | 'size' | 'insertBatch' | 'delete' | 'has' | 'ids' | 'save'
  > {
  search(query: Components, options: IndexSearchOptions): HnswSearchResult;
  /** The nearest rows by comparing all of them, or all that `accept` holds. */
  scan(query: Components, options: SearchOptions): SearchResult;
  /** Slots that were ever used; every slot is below. */
  readonly slotCount: number;
  memoryUsage(): MemoryUsage;
  /** The number of a live row; it changes when the row is replaced. */
  slotOf(id: string): number | undefined;
  idOf(slot: number): string | undefined;
  /** The row of a live id, `[dimension]`, as it is compared: under `cosine` of length one. */
  vectorOf(id: string): Float32Array | undefined;
}

/** An empty index for a segment of at most `maxElements` rows. */
export function createSegmentIndex(
  options: CollectionOptions,
  kind: SegmentKind,
  maxElements: number,
): SegmentIndex {
  const { dimension, metric, vectorType, m, efConstruction, efSearch, seed } = options;
  const common = { dimension, metric, maxElements, seed };
  const rows = { ...common, vectorType, ...rowSettingsOf(options) };
  switch (kind) {
    case 'flat':
      return new FlatIndex(rows);
    case 'hnsw':
      return new HnswIndex({ ...rows, m, efConstruction, efSearch });
    case 'ivf':
      checkIvfVectorType(vectorType, metric);
      return new IvfIndex({ ...common, vectorType });
  }
}

/** What kind an index is. */
export function kindOf(index: SegmentIndex): SegmentKind {
  if (index instanceof FlatIndex) return 'flat';
  return index instanceof IvfIndex ? 'ivf' : 'hnsw';
}

/** Opens the index of a segment after checking all of its bytes. */
export function openSegmentIndex(folder: string, signal?: AbortSignal): Promise<SegmentIndex> {
  return openIndex(folder, signal === undefined ? {} : { signal });
}

/** What a saved index says about the collection that takes it over. */
export function optionsOfIndex(index: SegmentIndex): Partial<FixedOptions> {
  if (index instanceof HnswIndex) {
    const { dimension, metric, vectorType, m, efConstruction, seed } = index.options;
    const rows = rowSettingsOf(index.options);
    return { kind: 'hnsw', dimension, metric, vectorType, ...rows, m, efConstruction, seed };
  }
  if (index instanceof IvfIndex) {
    const { dimension, metric, vectorType, seed } = index.options;
    return { kind: 'ivf', dimension, metric, vectorType, seed };
  }
  const { dimension, metric } = index;
  if (!(index instanceof FlatIndex)) return { dimension, metric };
  return { kind: 'flat', dimension, metric, vectorType: index.vectorType };
}
