// Many searches at once: by the workers over the shared memory of a graph while they are free, else
// here, in turns.

import { scheduler } from 'node:timers/promises';
import { exactly } from '../filter/column-types.ts';
import { planSearch } from '../filter/plan-search.ts';
import type { RowSet } from '../filter/row-set.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import type { SearchResult } from '../vector-index.ts';
import type { CollectionCore } from './collection-core.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import type { CollectionThreads } from './collection-threads.ts';
import type { Segment } from './segment.ts';
import type { Components, SegmentIndex } from './segment-index.ts';
import {
  boundFilter,
  type CollectionSearchOptions,
  checkedQuery,
  mergeResults,
  type SearchRequest,
  searchRequest,
  searchSegment,
} from './segment-search.ts';

/**
 * One result per query, in their order. On threads, a row that is replaced while they search may be
 * missing, and one that is deleted is.
 *
 * @throws IndexError as a search does, `worker-failed`; the signal's reason
 */
export async function searchManyQueries(
  { options, segments, threads }: CollectionCore,
  queries: readonly Components[],
  search: CollectionSearchOptions,
): Promise<SearchResult[]> {
  const request = searchRequest(options, search);
  for (const query of queries) checkedQuery(query, options);
  const results: SearchResult[] = [];
  while (results.length < queries.length) {
    search.signal?.throwIfAborted();
    const rest = queries.slice(results.length);
    const { signal } = search;
    if (threads?.isFree === true && rest.length >= COLLECTION_LIMITS.threadQueriesMin) {
      const job = rest.slice(0, queriesPerJob(request.k));
      results.push(...(await searchJob(segments.segments, job, request, threads, signal)));
    } else {
      const turn = rest.slice(0, COLLECTION_LIMITS.queriesPerTurn);
      const found = segments.segments.map((segment) => searchTurn(segment, turn, request));
      results.push(...merged(found, turn.length, request.k));
      if (results.length < queries.length) await scheduler.yield();
    }
  }
  return results;
}

/** Searches one segment for some queries, at once: the filter is evaluated for all of them. */
function searchTurn(
  segment: Segment,
  queries: readonly Components[],
  request: SearchRequest,
): SearchResult[] {
  const accept = boundFilter(segment, request)?.select();
  return queries.map((query) => searchSegment(segment, query, request, accept));
}

async function searchJob(
  segments: readonly Segment[],
  queries: readonly Components[],
  request: SearchRequest,
  threads: CollectionThreads,
  signal: AbortSignal | undefined,
): Promise<SearchResult[]> {
  const found = await Promise.all(
    segments.map((segment) => searchOnThreads(segment, queries, request, threads, signal)),
  );
  // A row that moved to another segment meanwhile was perhaps found in both.
  const live = found.map((results, at) => {
    return results.map(({ hits, distanceComputations }) => {
      return { hits: hits.filter(({ id }) => segments[at]?.index.has(id)), distanceComputations };
    });
  });
  return merged(live, queries.length, request.k);
}

async function searchOnThreads(
  segment: Segment,
  queries: readonly Components[],
  request: SearchRequest,
  threads: CollectionThreads,
  signal: AbortSignal | undefined,
): Promise<readonly SearchResult[]> {
  const { index } = segment;
  const accept = boundFilter(segment, request)?.select();
  const efSearch = beamWidth(index, request, accept);
  if (!(index instanceof HnswIndex) || efSearch === undefined) {
    return searchInTurns(segment, queries, request, signal);
  }
  const { k, rerank } = request;
  const found = await threads.search(index, joined(queries), {
    k,
    efSearch,
    ...(accept === undefined ? {} : { accept }),
    ...(rerank === undefined ? {} : { rerank }),
    ...(signal === undefined ? {} : { signal }),
  });
  const wanted = accept === undefined ? 0 : Math.min(k, accept.count);
  return found.map((result, row) => {
    const query = queries[row];
    if (result.hits.length >= wanted || query === undefined) return result;
    return searchSegment(segment, query, request, boundFilter(segment, request));
  });
}

/** The beam by which a graph is walked; undefined when comparing all matches is cheaper. */
function beamWidth(
  { size }: SegmentIndex,
  { efSearch, k }: SearchRequest,
  accept: RowSet | undefined,
): number | undefined {
  if (accept === undefined) return efSearch;
  const matches = exactly(accept.count);
  const situation = { size, matches, isEvaluated: true, k, efSearch, kind: 'hnsw' } as const;
  const plan = planSearch(situation, ['pre-filter', 'in-graph']);
  return plan.plan === 'in-graph' ? plan.efSearch : undefined;
}

async function searchInTurns(
  segment: Segment,
  queries: readonly Components[],
  request: SearchRequest,
  signal: AbortSignal | undefined,
): Promise<readonly SearchResult[]> {
  const results: SearchResult[] = [];
  while (results.length < queries.length) {
    if (results.length > 0) await scheduler.yield();
    signal?.throwIfAborted();
    const end = results.length + COLLECTION_LIMITS.queriesPerTurn;
    results.push(...searchTurn(segment, queries.slice(results.length, end), request));
  }
  return results;
}

function merged(
  bySegment: readonly (readonly SearchResult[])[],
  queries: number,
  k: number,
): SearchResult[] {
  return Array.from({ length: queries }, (_, row) => {
    return mergeResults(
      bySegment.flatMap((results) => results[row] ?? []),
      k,
    );
  });
}

function queriesPerJob(k: number): number {
  const { hitsPerJobMax, queriesPerJobMax } = COLLECTION_LIMITS;
  return Math.max(1, Math.min(queriesPerJobMax, Math.floor(hitsPerJobMax / k)));
}

function joined(queries: readonly Components[]): Components {
  const dimension = queries[0]?.length ?? 0;
  const isBytes = queries.every((query) => query instanceof Uint8Array);
  const length = queries.length * dimension;
  const all = isBytes ? new Uint8Array(length) : new Float32Array(length);
  for (const [row, query] of queries.entries()) all.set(query, row * dimension);
  return all;
}
