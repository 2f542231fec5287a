export { openHnswIndex, openIndex } from './file/open-index.ts';
export { FlatIndex, type FlatOptions } from './flat/flat-index.ts';
export type { ParallelOptions } from './hnsw/build-parallel.ts';
export type { GraphView } from './hnsw/graph-view.ts';
export {
  HnswIndex,
  type HnswSearchOptions,
  type HnswSearchResult,
  type SearchTrace,
} from './hnsw/hnsw-index.ts';
export { HNSW_DEFAULTS, type HnswOptions, type HnswSettings } from './hnsw/hnsw-options.ts';
export type { SearchManyOptions } from './hnsw/search-many.ts';
export type { GraphReport } from './hnsw/verify-graph.ts';
export { INDEX_ERROR_CODES, IndexError, type IndexErrorCode } from './index-error.ts';
export { INDEX_LIMITS } from './index-limits.ts';
export { recallAtK } from './recall.ts';
export { SeededRandom } from './seeded-random.ts';
export { WorkerPool } from './threads/worker-pool.ts';
export {
  METRICS,
  type MemoryUsage,
  type Metric,
  type SearchHit,
  type SearchOptions,
  type SearchResult,
  type SlotSet,
  type StorageOptions,
  VECTOR_TYPES,
  type VectorIndex,
  type VectorType,
} from './vector-index.ts';
