import { checkInteger, checkMetric, checkVectorType } from '../check-input.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { Metric, VectorType } from '../vector-index.ts';

/** The parameters of an HNSW graph, in the words of the paper. */
export interface HnswOptions {
  readonly dimension: number;
  readonly metric: Metric;
  /** `u8` takes a quarter of the memory and is for integers from 0 to 255. */
  readonly vectorType: VectorType;
  /** M: links that a new node makes per layer; the base layer holds up to 2·M. */
  readonly m: number;
  /** Width of the beam that looks for the neighbours of a new node. */
  readonly efConstruction: number;
  /** Width of the beam of a search that names none. */
  readonly efSearch: number;
  /** Rows that this index may hold. */
  readonly maxElements: number;
  /** Seed of the random levels; equal seeds and equal calls build equal graphs. */
  readonly seed: number;
}

/** What a caller must say; everything else has a default. */
export type HnswSettings = Pick<HnswOptions, 'dimension'> & Partial<HnswOptions>;

export const HNSW_DEFAULTS = Object.freeze({
  metric: 'cosine',
  vectorType: 'f32',
  m: 16,
  efConstruction: 100,
  efSearch: 64,
  maxElements: INDEX_LIMITS.maxElementsDefault,
  seed: 1,
} as const satisfies Omit<HnswOptions, 'dimension'>);

/**
 * Fills in the defaults and checks every inequality.
 *
 * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
 */
export function checkHnswOptions(settings: HnswSettings): HnswOptions {
  const options: HnswOptions = { ...HNSW_DEFAULTS, ...settings };
  checkMetric(options.metric);
  checkVectorType(options.vectorType, options.metric);
  checkInteger('dimension', options.dimension, 1, INDEX_LIMITS.dimensionMax);
  checkInteger('m', options.m, 2, INDEX_LIMITS.mMax);
  checkInteger('efConstruction', options.efConstruction, options.m, INDEX_LIMITS.efMax);
  checkInteger('efSearch', options.efSearch, 1, INDEX_LIMITS.efMax);
  checkInteger('maxElements', options.maxElements, 1, INDEX_LIMITS.maxElementsMax);
  checkInteger('seed', options.seed, 0, 0xffff_ffff);
  return Object.freeze(options);
}
