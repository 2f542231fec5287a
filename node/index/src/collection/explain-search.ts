import type { RowEstimate } from '../filter/column-types.ts';
import { exactly } from '../filter/column-types.ts';
import type { FilterPlan } from '../filter/plan-search.ts';
import type { HnswSearchResult } from '../hnsw/hnsw-index.ts';
import type { SearchResult } from '../vector-index.ts';
import { type CollectionOptions, exactRowBytes, type SegmentKind } from './collection-options.ts';
import type { Segment } from './segment.ts';
import { type Components, kindOf } from './segment-index.ts';
import { boundFilter, mergeResults, type SearchRequest, searchSegment } from './segment-search.ts';

/** What a search cost. */
export interface SearchCost {
  /** Rows that match the filter; all rows without one. */
  readonly matches: number;
  readonly distanceComputations: number;
  /** Rows of graphs whose links were followed. */
  readonly visitedNodes: number;
  /** Bytes of the rows compared and the links read; of rows that a scan compares, exact ones. */
  readonly bytesTouched: number;
}

/** How a search went in one segment. */
export interface SegmentExplanation extends SearchCost {
  readonly kind: SegmentKind;
  readonly rows: number;
  /** The way that gave the answer. */
  readonly plan: FilterPlan | 'unfiltered';
  /** Ways that were tried before and found too few rows. */
  readonly cameShort: readonly FilterPlan[];
  /** What was known before about the number of matches. */
  readonly estimatedMatches: RowEstimate;
  /** The first of the visited nodes by their ids, in their order. */
  readonly path: readonly string[];
}

/** What a search found, how it went in every segment, and what it cost in all. */
export interface SearchExplanation extends SearchResult, SearchCost {
  readonly segments: readonly SegmentExplanation[];
}

/**
 * Searches as `searchSegments` does, and tells how. The matches are counted, which a search alone
 * may not need.
 */
export function explainSearch(
  segments: readonly Segment[],
  options: CollectionOptions,
  query: Components,
  request: SearchRequest,
): SearchExplanation {
  const explained = segments.map((segment) => explainSegment(segment, options, query, request));
  const bySegment = explained.map(({ explanation }) => explanation);
  const sum = (cost: (each: SearchCost) => number) =>
    bySegment.reduce((total, each) => total + cost(each), 0);
  return {
    ...mergeResults(
      explained.map(({ result }) => result),
      request.k,
    ),
    matches: sum(({ matches }) => matches),
    visitedNodes: sum(({ visitedNodes }) => visitedNodes),
    bytesTouched: sum(({ bytesTouched }) => bytesTouched),
    segments: bySegment,
  };
}

function explainSegment(
  segment: Segment,
  options: CollectionOptions,
  query: Components,
  request: SearchRequest,
): { readonly result: SearchResult; readonly explanation: SegmentExplanation } {
  const { index, size } = segment;
  const filter = boundFilter(segment, request);
  const searches: HnswSearchResult[] = [];
  const result = searchSegment(segment, query, request, filter, (each) => searches.push(each));
  const { cameShort = [], estimatedMatches, plan = 'unfiltered' } = result.explanation ?? {};
  const path = searches.flatMap(({ trace }) => trace?.path ?? []);
  const scannedRowBytes = exactRowBytes(options);
  let [visitedNodes, bytesTouched] = [0, 0];
  for (const { distanceComputations, trace } of searches) {
    visitedNodes += trace?.expanded ?? 0;
    bytesTouched += trace?.bytesTouched ?? distanceComputations * scannedRowBytes;
  }
  const explanation: SegmentExplanation = {
    kind: kindOf(index),
    rows: size,
    plan,
    cameShort,
    estimatedMatches: estimatedMatches ?? exactly(size),
    matches: result.explanation?.matches ?? filter?.select().count ?? size,
    distanceComputations: result.distanceComputations,
    visitedNodes,
    bytesTouched,
    path: path.map((slot) => index.idOf(slot)).filter((id) => id !== undefined),
  };
  return { result, explanation };
}
