// One search, or many of one turn, over the segments of a moment. Each segment goes the way that is
// cheapest for it; the hits of all are merged.

import { checkComponents, checkInteger, checkQuery, checkSearchOptions } from '../check-input.ts';
import { BoundFilter } from '../filter/bound-filter.ts';
import type { ColumnSchema } from '../filter/column-types.ts';
import type { Predicate } from '../filter/filter-language.ts';
import {
  type FilterableIndex,
  type FilteredSearchResult,
  filteredSearch,
} from '../filter/filtered-search.ts';
import type { RowSet } from '../filter/row-set.ts';
import type { HnswSearchResult } from '../hnsw/hnsw-index.ts';
import { IvfIndex } from '../ivf/ivf-index.ts';
import { LISTS_MAX } from '../ivf/ivf-options.ts';
import type { SearchOptions, SearchResult } from '../vector-index.ts';
import { chooseProbes } from './choose-kind.ts';
import type { CollectionOptions } from './collection-options.ts';
import { mergeHits } from './merge-hits.ts';
import { parseRowFilter, type RowFilter } from './row-filter.ts';
import type { Segment } from './segment.ts';
import { type Components, kindOf, type SegmentIndex } from './segment-index.ts';

export interface CollectionSearchOptions<S extends ColumnSchema = ColumnSchema>
  extends Omit<SearchOptions, 'accept'> {
  /** Lists that a segment of kind `ivf` looks into; others ignore it. */
  readonly probes?: number;
  /** The only rows that may be returned; all rows when left out. */
  readonly filter?: RowFilter<S>;
}

/** A checked search, without its query. */
export interface SearchRequest {
  readonly k: number;
  readonly efSearch: number;
  /** Rows found by codes that are ranked again. */
  readonly rerank: number | undefined;
  /** Lists to look into, by what the segment holds; its own number when undefined. */
  readonly probesFor: (index: SegmentIndex) => number | undefined;
  readonly predicate: Predicate | undefined;
}

/**
 * Checks the options of a search against a collection.
 *
 * @throws IndexError `invalid-option`, `invalid-filter`, `limit-exceeded`; the signal's reason
 */
export function searchRequest(
  options: CollectionOptions,
  search: CollectionSearchOptions,
): SearchRequest {
  checkSearchOptions(search);
  const { efSearch = options.efSearch, filter, k, probes, rerank } = search;
  if (probes !== undefined) checkInteger('probes', probes, 1, LISTS_MAX);
  const predicate = filter === undefined ? undefined : parseRowFilter(options.columns, filter);
  const probesFor = (index: SegmentIndex) => {
    if (options.kind !== 'auto' || !(index instanceof IvfIndex)) return probes;
    return probes ?? chooseProbes(options, index.size, k);
  };
  return { k, efSearch, rerank, probesFor, predicate };
}

/** Searches the segments of one moment for one checked query. */
export function searchSegments(
  segments: readonly Segment[],
  query: Components,
  request: SearchRequest,
): SearchResult {
  const results = segments.map((segment) => {
    return searchSegment(segment, query, request, boundFilter(segment, request));
  });
  return mergeResults(results, request.k);
}

/** Refuses a query that no segment could answer, even when there are none. */
export function checkedQuery(query: Components, options: CollectionOptions): Components {
  checkQuery(query, options.dimension);
  checkComponents(query, options);
  return query;
}

/** The filter of a request over one segment, valid until its rows change. */
export function boundFilter(segment: Segment, { predicate }: SearchRequest) {
  if (predicate === undefined) return undefined;
  return new BoundFilter(segment.metadata.columns, predicate, (id) => segment.index.slotOf(id));
}

/**
 * Searches one segment, by way of its filter if there is one.
 *
 * @param watch - called with every search of the index, which then traces
 */
export function searchSegment(
  segment: Segment,
  query: Components,
  request: SearchRequest,
  filter: BoundFilter | RowSet | undefined,
  watch?: (result: HnswSearchResult) => void,
): SearchResult & Partial<FilteredSearchResult> {
  const { index } = segment;
  const { efSearch, k, rerank } = request;
  const probes = request.probesFor(index);
  const also = {
    ...(probes === undefined ? {} : { probes }),
    ...(rerank === undefined ? {} : { rerank }),
    ...(watch === undefined ? {} : { trace: true }),
  };
  const watched = (result: HnswSearchResult): HnswSearchResult => {
    watch?.(result);
    return result;
  };
  if (filter === undefined) return watched(index.search(query, { k, efSearch, ...also }));
  const lists =
    index instanceof IvfIndex ? { lists: index.lists, probes: probes ?? index.probes } : {};
  const filterable: FilterableIndex = {
    size: index.size,
    ...lists,
    slotOf: (id) => index.slotOf(id),
    scan: (vector, options) => watched(index.scan(vector, options)),
    search: (vector, options) => watched(index.search(vector, { ...also, ...options })),
  };
  return filteredSearch(filterable, query, { k, efSearch, filter, kind: kindOf(index) });
}

/** The nearest of all segments, and what finding them cost together. */
export function mergeResults(results: readonly SearchResult[], k: number): SearchResult {
  const hits = mergeHits(
    results.map((result) => result.hits),
    k,
  );
  const distanceComputations = results.reduce((sum, each) => sum + each.distanceComputations, 0);
  return { hits, distanceComputations };
}
