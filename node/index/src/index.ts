export { RERANK_FACTORS, type RowSettings, TRAINING } from './codec/row-options.ts';
export type {
  AbortOptions,
  CollectionSearch,
  DeleteOptions,
  OpenContext,
  StoredRow,
} from './collection/call-options.ts';
export type { Row, RowColumns, Rows } from './collection/check-rows.ts';
export { Collection } from './collection/collection.ts';
export { COLLECTION_LIMITS } from './collection/collection-limits.ts';
export {
  COLLECTION_DEFAULTS,
  type CollectionOptions,
  type CollectionSettings,
  DURABILITIES,
  type Durability,
  INDEX_KINDS,
  type IndexKind,
  type SegmentKind,
} from './collection/collection-options.ts';
export type { CollectionStats, SegmentStats } from './collection/collection-stats.ts';
export { compactFolder } from './collection/compact-folder.ts';
export {
  DAMAGE_KINDS,
  type Damage,
  type DamageKind,
  describeDamage,
  type Mending,
} from './collection/damage-report.ts';
export type {
  SearchCost,
  SearchExplanation,
  SegmentExplanation,
} from './collection/explain-search.ts';
export { inspectFolder } from './collection/inspect-folder.ts';
export type { CollectionInspection, SegmentInspection } from './collection/inspect-segments.ts';
export type { LoadOptions, LoadProgress, RowSource } from './collection/load-rows.ts';
export type { RangeOptions, ResultsOptions } from './collection/more-hits.ts';
export { type RepairOptions, repairFolder } from './collection/repair-folder.ts';
export {
  REPAIR_ACTIONS,
  type RepairAction,
  type RepairOutcome,
  type RepairReport,
  type RepairStep,
} from './collection/repair-report.ts';
export type { RowFilter } from './collection/row-filter.ts';
export type { Metadata, MetadataValue, StoredMetadata } from './collection/row-metadata.ts';
export type { CollectionSearchOptions } from './collection/segment-search.ts';
export type { CollectionStorage } from './collection/storage.ts';
export { UPKEEP_LIMITS } from './collection/upkeep-limits.ts';
export {
  type FolderContext,
  type VerifyReport,
  verifyFolder,
} from './collection/verify-collection.ts';
export type { SegmentReport } from './collection/verify-contents.ts';
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
export { readHnswlibParameters } from './import/hnswlib-file.ts';
export type { HnswlibParameters } from './import/hnswlib-header.ts';
export type { JsonlFields } from './import/jsonl-file.ts';
export {
  IMPORT_FORMATS,
  type ImportFormat,
  type ReadVectorsOptions,
  readVectors,
} from './import/read-vectors.ts';
export {
  IMPORT_LIMITS,
  type ImportProgress,
  type RowMetadata,
  type VectorBatch,
} from './import/vector-batch.ts';
export { INDEX_ERROR_CODES, IndexError, type IndexErrorCode } from './index-error.ts';
export { INDEX_LIMITS } from './index-limits.ts';
export { IvfIndex } from './ivf/ivf-index.ts';
export {
  IVF_DEFAULTS,
  type IvfOptions,
  type IvfSearchOptions,
  type IvfSettings,
} from './ivf/ivf-options.ts';
export {
  K_MEANS_DEFAULTS,
  type KMeansOptions,
  type KMeansResult,
  type KMeansSettings,
  kMeans,
  kMeansSteps,
} from './ivf/k-means.ts';
export {
  type Evidence,
  FINDING_NAMES,
  type Finding,
  type FindingName,
  SEVERITIES,
  type Severity,
} from './observe/finding.ts';
export { formatInspection } from './observe/format-inspection.ts';
export {
  IndexObserver,
  OBSERVER_DEFAULTS,
  type ObserverOptions,
} from './observe/index-observer.ts';
export {
  INSPECT_DEFAULTS,
  type InspectionSubject,
  type InspectOptions,
  inspectIndex,
} from './observe/inspect-index.ts';
export type { IndexStatistics, Inspection, StructureStatistics } from './observe/inspection.ts';
export { OBSERVER_THRESHOLDS } from './observe/observer-thresholds.ts';
export type { InspectionMeter } from './observe/publish-inspection.ts';
export type { AuditedRecall, RecallAuditor } from './observe/recall-audit.ts';
export type { ObservedResult } from './observe/search-workload.ts';
export { recallAtK } from './recall.ts';
export { SeededRandom } from './seeded-random.ts';
export {
  type CostModel,
  type CostQuestion,
  type MeasuredCost,
  SEARCH_KINDS,
  type SearchKind,
} from './select/cost-model.ts';
export { DEFAULT_COST_MODEL } from './select/default-cost-model.ts';
export { fitCostModel } from './select/fit-cost-model.ts';
export {
  type Selection,
  type SelectionOptions,
  type SelectionQuestion,
  selectIndex,
} from './select/select-index.ts';
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
