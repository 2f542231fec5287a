import { checkInteger, checkMetric } from '../check-input.ts';
import { checkRowOptions, type RowSettings } from '../codec/row-options.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { Metric, VectorType } from '../vector-index.ts';

/** The parameters of an HNSW graph, in the words of the paper, and of its rows. */
export interface HnswOptions extends RowSettings {
  readonly dimension: number;
  readonly metric: Metric;
  /** How rows are stored, from exact ones to a bit per component. */
  readonly vectorType: VectorType;
  /** M: links that a new node makes per layer; the base layer holds up to 2·M. */
  readonly m: number;
  /** Width of the beam that looks for the neighbours of a new node. */
  readonly efConstruction: number;
  /** Width of the beam of a search that names none. */
  readonly efSearch: number;
  /** Rows that this index may hold. */
  readonly maxElements: number;
  /** Seed of the random levels and of what rows need; equal seeds and equal calls build equal graphs. */
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
  checkRowOptions(options);
  checkInteger('m', options.m, 2, INDEX_LIMITS.mMax);
  checkInteger('efConstruction', options.efConstruction, options.m, INDEX_LIMITS.efMax);
  checkInteger('efSearch', options.efSearch, 1, INDEX_LIMITS.efMax);
  checkInteger('maxElements', options.maxElements, 1, INDEX_LIMITS.maxElementsMax);
  checkInteger('seed', options.seed, 0, 0xffff_ffff);
  return Object.freeze(options);
}
