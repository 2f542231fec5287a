// What patterns cost beside the one search width that reaches the same recall on the same queries.

import {
  exactAnswers,
  type MeasuredIndex,
  measureQueries,
  PatternBook,
  quantised,
  type SearchPattern,
} from '@starling/learning';
import type { QueryWorld } from './query-world.ts';

export interface EqualRecall {
  readonly recall: number;
  /** Share of the held-out queries that a pattern served. */
  readonly servedShare: number;
  readonly patternDistances: number;
  /** Of the single width with that recall, between the two measured widths around it. */
  readonly singleDistances: number;
}

interface Point {
  readonly recall: number;
  readonly distances: number;
}

export const SCALE = 127;

/** Widths 6 % apart, so that the best single one is not missed between two rungs. */
const FINE_LADDER = [...new Set(Array.from({ length: 80 }, (_, i) => Math.round(10 * 1.06 ** i)))];

/** @param fallbackEf - the width of queries that no pattern serves */
export async function atEqualRecall(
  { heldOut, index, oracle }: QueryWorld,
  patterns: readonly SearchPattern[],
  { fallbackEf, k }: { readonly fallbackEf: number; readonly k: number },
): Promise<EqualRecall> {
  const queries = rows(heldOut.encoded, heldOut.count);
  const exact = await exactAnswers(oracle, queries, k);
  const book = new PatternBook(heldOut.base.length / heldOut.count);
  book.replace(patterns.map((pattern, i) => ({ id: String(i), pattern })));
  const widths = rows(heldOut.base, heldOut.count).map(
    (base) => book.find(quantised(base, SCALE), k)?.pattern.efSearch,
  );
  let row = 0;
  const guided: MeasuredIndex = {
    dimension: index.dimension,
    metric: index.metric,
    size: index.size,
    search: (query) => index.search(query, { k, efSearch: widths[row++] ?? fallbackEf }),
  };
  const patterned = mean(await measureQueries(guided, queries, exact, { k, efSearch: k }));
  const single: Point[] = [];
  for (const efSearch of FINE_LADDER) {
    single.push(mean(await measureQueries(index, queries, exact, { k, efSearch })));
    if ((single.at(-1)?.recall ?? 0) >= patterned.recall && single.length > 1) break;
  }
  return {
    recall: patterned.recall,
    servedShare: widths.filter((width) => width !== undefined).length / heldOut.count,
    patternDistances: patterned.distances,
    singleDistances: distancesAt(single, patterned.recall),
  };
}

function distancesAt(points: readonly Point[], recall: number): number {
  const above = points.findIndex((point) => point.recall >= recall);
  const [low, high] = [points[Math.max(0, above - 1)], points[above]];
  if (low === undefined || high === undefined) return Number.NaN;
  if (high.recall === low.recall) return high.distances;
  const share = (recall - low.recall) / (high.recall - low.recall);
  return low.distances + Math.max(0, share) * (high.distances - low.distances);
}

function mean(measures: readonly { recall: number; distanceComputations: number }[]): Point {
  const sum = (of: (measure: (typeof measures)[number]) => number) =>
    measures.reduce((total, measure) => total + of(measure), 0) / measures.length;
  return { recall: sum(({ recall }) => recall), distances: sum((m) => m.distanceComputations) };
}

function rows(vectors: Float32Array, count: number): Float32Array[] {
  const dimension = vectors.length / count;
  return Array.from({ length: count }, (_, row) =>
    vectors.subarray(row * dimension, (row + 1) * dimension),
  );
}
