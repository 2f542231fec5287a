export { FlatIndex, type FlatOptions } from './flat-index.ts';
export { HnswIndex } from './hnsw-index.ts';
export { HNSW_DEFAULTS, type HnswOptions, type HnswSettings } from './hnsw-options.ts';
export { INDEX_ERROR_CODES, IndexError, type IndexErrorCode } from './index-error.ts';
export { INDEX_LIMITS } from './index-limits.ts';
export { openHnswIndex, openIndex } from './open-index.ts';
export { recallAtK } from './recall.ts';
export { SeededRandom } from './seeded-random.ts';
export {
  METRICS,
  type Metric,
  type SearchHit,
  type SearchOptions,
  type SearchResult,
  type StorageOptions,
  VECTOR_TYPES,
  type VectorIndex,
  type VectorType,
} from './vector-index.ts';
export type { GraphReport } from './verify-graph.ts';
