export { openHnswIndex, openIndex } from './file/open-index.ts';
export { BoundFilter, type FilterTable, type SlotOf } from './filter/bound-filter.ts';
export { ColumnTable } from './filter/column-table.ts';
export {
  COLUMN_TYPES,
  type ColumnInputs,
  type ColumnSchema,
  type ColumnSection,
  type ColumnType,
  type RowEstimate,
  type RowValues,
  type StoredValue,
} from './filter/column-types.ts';
export type { Filter, Predicate } from './filter/filter-language.ts';
export { FILTER_LIMITS } from './filter/filter-limits.ts';
export {
  type FilterableIndex,
  type FilterExplanation,
  type FilteredSearchOptions,
  type FilteredSearchResult,
  filteredSearch,
} from './filter/filtered-search.ts';
export { LearnedIndex } from './filter/learned-index.ts';
export { lowerBound, type SortedKeys } from './filter/lower-bound.ts';
export { parseFilter } from './filter/parse-filter.ts';
export { FILTER_PLANS, type FilterPlan } from './filter/plan-search.ts';
export { RowSet } from './filter/row-set.ts';
export { ScalarLookup } from './filter/scalar-lookup.ts';
export { FlatIndex, type FlatOptions } from './flat/flat-index.ts';
export type { GraphView } from './hnsw/graph-view.ts';
export {
  HnswIndex,
  type HnswSearchOptions,
  type HnswSearchResult,
  type SearchTrace,
} from './hnsw/hnsw-index.ts';
export { HNSW_DEFAULTS, type HnswOptions, type HnswSettings } from './hnsw/hnsw-options.ts';
export type { GraphReport } from './hnsw/verify-graph.ts';
export { INDEX_ERROR_CODES, IndexError, type IndexErrorCode } from './index-error.ts';
export { INDEX_LIMITS } from './index-limits.ts';
export { recallAtK } from './recall.ts';
export { SeededRandom } from './seeded-random.ts';
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
