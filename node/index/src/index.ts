export { openHnswIndex, openIndex } from './file/open-index.ts';
export { FlatIndex, type FlatOptions } from './flat/flat-index.ts';
export { HnswIndex } from './hnsw/hnsw-index.ts';
export { HNSW_DEFAULTS, type HnswOptions, type HnswSettings } from './hnsw/hnsw-options.ts';
export type { GraphReport } from './hnsw/verify-graph.ts';
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
} from './ivf/k-means.ts';
export { recallAtK } from './recall.ts';
export { SeededRandom } from './seeded-random.ts';
export {
  type CostModel,
  type CostQuestion,
  INDEX_KINDS,
  type IndexKind,
  type MeasuredCost,
} from './select/cost-model.ts';
export { DEFAULT_COST_MODEL } from './select/default-cost-model.ts';
export { fitCostModel } from './select/fit-cost-model.ts';
export {
  type Selection,
  type SelectionOptions,
  type SelectionQuestion,
  selectIndex,
} from './select/select-index.ts';
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
