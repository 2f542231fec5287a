import { checkInteger, checkMetric } from '../check-input.ts';
import { checkCodecType } from '../codec/create-codec.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { Metric, SearchOptions, VectorType } from '../vector-index.ts';

/** Lists hold exact rows. */
export type IvfVectorType = Extract<VectorType, 'f32' | 'u8'>;

export function isIvfVectorType(vectorType: VectorType): vectorType is IvfVectorType {
  return vectorType === 'f32' || vectorType === 'u8';
}

/** The parameters of an inverted file with flat lists. */
export interface IvfOptions {
  readonly dimension: number;
  readonly metric: Metric;
  /** `u8` takes a quarter of the memory and is for integers from 0 to 255. */
  readonly vectorType: IvfVectorType;
  /** How many lists (`nlist` of Faiss); 0 leaves it to the number of rows, see `listsFor`. */
  readonly lists: number;
  /** Lists that a search looks into when it names no number (`nprobe`); 0: see `probesFor`. */
  readonly probes: number;
  /** Rows that this index may hold. */
  readonly maxElements: number;
  /** Seed of the training; equal seeds and equal calls build equal lists. */
  readonly seed: number;
}

/** What a caller must say; everything else has a default. */
export type IvfSettings = Pick<IvfOptions, 'dimension'> & Partial<IvfOptions>;

export interface IvfSearchOptions extends SearchOptions {
  /**
   * Lists to look into, nearest centroid first; all of them make the search exact. More are looked
   * into as long as fewer than k rows were found.
   */
  readonly probes?: number;
}

export const IVF_DEFAULTS = Object.freeze({
  metric: 'cosine',
  vectorType: 'f32',
  lists: 0,
  probes: 0,
  maxElements: INDEX_LIMITS.maxElementsDefault,
  seed: 1,
} as const satisfies Omit<IvfOptions, 'dimension'>);

export const LISTS_MAX = 65_536;

/** Rows per list from which on a number of lists that the caller chose is trained. */
export const ROWS_PER_LIST_MIN = 8;

/** Where nobody chose a number: fewer rows are searched exactly, in one list. */
export const TRAINING_ROWS_MIN = 1_024;

/** Lists are trained anew when the rows have become so many times more. */
export const GROWTH_UNTIL_RETRAINING = 4;

/** Lists for a number of rows: twice its square root. */
export function listsFor(rows: number): number {
  return Math.min(LISTS_MAX, Math.max(1, Math.round(2 * Math.sqrt(rows))));
}

/** Probes when nobody names a number: a sixteenth of the lists, 8 at least. */
export function probesFor(lists: number): number {
  return Math.max(8, Math.ceil(lists / 16));
}

/**
 * Fills in the defaults and checks every inequality.
 *
 * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
 */
export function checkIvfOptions(settings: IvfSettings): IvfOptions {
  const options: IvfOptions = { ...IVF_DEFAULTS, ...settings };
  checkMetric(options.metric);
  checkIvfVectorType(options.vectorType, options.metric);
  checkInteger('dimension', options.dimension, 1, INDEX_LIMITS.dimensionMax);
  checkInteger('lists', options.lists, 0, LISTS_MAX);
  checkInteger('probes', options.probes, 0, LISTS_MAX);
  checkInteger('maxElements', options.maxElements, 1, INDEX_LIMITS.maxElementsMax);
  checkInteger('seed', options.seed, 0, 0xffff_ffff);
  return Object.freeze(options);
}

/** Refuses a vector type that lists do not hold, or not with this metric. */
export function checkIvfVectorType(
  vectorType: string,
  metric: Metric,
): asserts vectorType is IvfVectorType {
  checkCodecType(vectorType, metric);
  if (isIvfVectorType(vectorType)) return;
  throw new IndexError(
    'invalid-option',
    `lists hold no rows of vectorType '${vectorType}'; use f32 or u8, or another index`,
  );
}
