// What a collection asks of the index inside a segment, and the one place that makes one by name.

import { openIndex } from '../file/open-index.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import type { MemoryUsage, SearchOptions, SearchResult, VectorIndex } from '../vector-index.ts';
import type { CollectionOptions, FixedOptions } from './collection-options.ts';

export interface SegmentIndex
  extends Pick<
    VectorIndex,
    'dimension' | 'metric' | 'size' | 'insertBatch' | 'search' | 'delete' | 'has' | 'ids' | 'save'
  > {
  /** Slots that were ever used; every slot is below. */
  readonly slotCount: number;
  /** The nearest rows by comparing all of them. */
  scan(query: Float32Array, options: SearchOptions): SearchResult;
  /** The id of a live slot. */
  idOf(slot: number): string | undefined;
  memoryUsage(): MemoryUsage;
  /** The number of a live row; it changes when the row is replaced. */
  slotOf(id: string): number | undefined;
  /** The row of a live id, `[dimension]`, as it is compared: under `cosine` of length one. */
  vectorOf(id: string): Float32Array | undefined;
}

/** An empty index for a segment of at most `maxElements` rows. */
export function createSegmentIndex(options: CollectionOptions, maxElements: number): SegmentIndex {
  const { dimension, metric, vectorType, m, efConstruction, efSearch, seed } = options;
  switch (options.kind) {
    case 'flat':
      return new FlatIndex({ dimension, metric, vectorType, maxElements });
    case 'hnsw':
      return new HnswIndex({
        dimension,
        metric,
        vectorType,
        m,
        efConstruction,
        efSearch,
        seed,
        maxElements,
      });
  }
}

/** Opens the index of a segment after checking all of its bytes. */
export function openSegmentIndex(folder: string, signal?: AbortSignal): Promise<SegmentIndex> {
  return openIndex(folder, signal === undefined ? {} : { signal });
}

/** What a saved index says about the collection that takes it over. */
export function optionsOfIndex(index: SegmentIndex): Partial<FixedOptions> {
  if (index instanceof HnswIndex) {
    const { dimension, metric, vectorType, m, efConstruction, seed } = index.options;
    return { kind: 'hnsw', dimension, metric, vectorType, m, efConstruction, seed };
  }
  const { dimension, metric } = index;
  if (!(index instanceof FlatIndex)) return { dimension, metric };
  return { kind: 'flat', dimension, metric, vectorType: index.vectorType };
}
