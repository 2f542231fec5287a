export type { Row, RowColumns, Rows } from './collection/check-rows.ts';
export {
  type AbortOptions,
  Collection,
  type DeleteOptions,
  type OpenContext,
  type StoredRow,
} from './collection/collection.ts';
export { COLLECTION_LIMITS } from './collection/collection-limits.ts';
export {
  COLLECTION_DEFAULTS,
  type CollectionOptions,
  type CollectionSettings,
  DURABILITIES,
  type Durability,
  INDEX_KINDS,
  type IndexKind,
} from './collection/collection-options.ts';
export type { CollectionStats, SegmentStats } from './collection/collection-stats.ts';
export type { LoadOptions, LoadProgress, RowSource } from './collection/load-rows.ts';
export {
  COLUMN_TYPES,
  type Columns,
  type ColumnType,
  type Metadata,
  type MetadataValue,
} from './collection/row-metadata.ts';
export type { RangeOptions, ResultsOptions } from './collection/search-segments.ts';
export type { CollectionStorage } from './collection/storage.ts';
export { openHnswIndex, openIndex } from './file/open-index.ts';
export { FlatIndex, type FlatOptions } from './flat/flat-index.ts';
export { HnswIndex } from './hnsw/hnsw-index.ts';
export { HNSW_DEFAULTS, type HnswOptions, type HnswSettings } from './hnsw/hnsw-options.ts';
export type { GraphReport } from './hnsw/verify-graph.ts';
export { INDEX_ERROR_CODES, IndexError, type IndexErrorCode } from './index-error.ts';
export { INDEX_LIMITS } from './index-limits.ts';
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
