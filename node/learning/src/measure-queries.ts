// Recall and cost, query by query: what every choice of this room rests on.

import { recallAtK, type SearchHit, type SearchOptions, type SearchResult } from '@starling/index';

/** What is measured: an index in memory, or a collection, which answers later. */
export interface MeasuredIndex {
  readonly dimension: number;
  readonly metric: string;
  readonly size: number;
  search(query: Float32Array, options: SearchOptions): SearchResult | Promise<SearchResult>;
}

export interface QueryMeasure {
  /** Share of the exact top k that was found, 0 … 1. */
  readonly recall: number;
  readonly distanceComputations: number;
}

/** Standard deviations below the mean that a one-sided 95 % bound lies. */
const DEVIATIONS_95_ONE_SIDED = 1.645;

/** The rows of `[count × dimension]`, as views. */
export function rowsOf(vectors: Float32Array, dimension: number): Float32Array[] {
  return Array.from({ length: vectors.length / dimension }, (_, row) =>
    vectors.subarray(row * dimension, (row + 1) * dimension),
  );
}

/** What an exact index over the same rows answers to each query. */
export async function exactAnswers(
  oracle: MeasuredIndex,
  queries: readonly Float32Array[],
  k: number,
): Promise<(readonly SearchHit[])[]> {
  const answers: (readonly SearchHit[])[] = [];
  for (const query of queries) answers.push((await oracle.search(query, { k })).hits);
  return answers;
}

/** Asks every query once, in order. @param exact - the exact answers to the same queries */
export async function measureQueries(
  index: MeasuredIndex,
  queries: readonly Float32Array[],
  exact: readonly (readonly SearchHit[])[],
  options: Required<Pick<SearchOptions, 'k' | 'efSearch'>>,
): Promise<QueryMeasure[]> {
  const measures: QueryMeasure[] = [];
  for (const [row, query] of queries.entries()) {
    const { distanceComputations, hits } = await index.search(query, options);
    measures.push({ recall: recallAtK(hits, exact[row] ?? []), distanceComputations });
  }
  return measures;
}

/** NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The lower median: one of the values, so whole numbers stay whole. NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  return percentileOf(values, 0.5);
}

/** By nearest rank; NaN of nothing. @param share - in (0, 1] */
export function percentileOf(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.max(1, Math.ceil(share * ascending.length)) - 1] ?? Number.NaN;
}

/**
 * The one-sided 95 % lower bound of a mean recall, mean − 1.645 · sd / √m, at least 0. A normal
 * approximation: it is too sure of a sample in which every query did equally well.
 *
 * @param recalls - at least two, each 0 … 1
 */
export function recallLowerBound(recalls: readonly number[]): number {
  const mean = meanOf(recalls);
  const squares = recalls.reduce((sum, recall) => sum + (recall - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / (recalls.length - 1));
  return Math.max(0, mean - (DEVIATIONS_95_ONE_SIDED * deviation) / Math.sqrt(recalls.length));
}
