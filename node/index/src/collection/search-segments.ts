import { checkInteger } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { SearchHit, SearchOptions } from '../vector-index.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import type { SegmentSet } from './segment-set.ts';

export interface RangeOptions {
  /** Rows at this distance or nearer. */
  readonly radius: number;
  /** Hits at most, the nearest ones. */
  readonly limit?: number;
  readonly efSearch?: number;
  readonly signal?: AbortSignal;
}

export interface ResultsOptions {
  /** Hits of the first beam; every further beam is twice as wide. */
  readonly k?: number;
  readonly efSearch?: number;
  readonly signal?: AbortSignal;
}

const FIRST_BEAM = 32;

/**
 * The rows within a radius, nearest first: beams of doubling width until one reaches past it.
 *
 * @throws IndexError as a search does; `invalid-option` when the radius is no number
 */
export function searchRange(
  segments: SegmentSet,
  query: Float32Array,
  options: RangeOptions,
): SearchHit[] {
  const { radius, limit = COLLECTION_LIMITS.rangeHitsDefault, ...rest } = options;
  checkInteger('limit', limit, 1, INDEX_LIMITS.kMax);
  if (typeof radius !== 'number' || Number.isNaN(radius)) {
    throw new IndexError('invalid-option', `radius = ${radius}; it must be a number`);
  }
  for (let k = Math.min(FIRST_BEAM, limit); ; k = Math.min(2 * k, limit)) {
    const { hits } = segments.search(query, { ...rest, k });
    const within = hits.filter((hit) => hit.distance <= radius);
    if (within.length < hits.length || hits.length < k || k === limit) return within;
  }
}

/**
 * Hit after hit for as long as the caller asks, every id once: beams of doubling width over the
 * rows of the moment. Ends when there are no more rows, or at `kMax` hits.
 */
export async function* moreResults(
  segments: SegmentSet,
  query: Float32Array,
  options: ResultsOptions,
): AsyncGenerator<SearchHit, void, undefined> {
  const { k: first = FIRST_BEAM, ...rest } = options;
  const seen = new Set<string>();
  for (let k = first; ; k = Math.min(2 * k, INDEX_LIMITS.kMax)) {
    const { hits } = segments.search(query, searchOptions(k, rest));
    for (const hit of hits) {
      if (seen.has(hit.id)) continue;
      seen.add(hit.id);
      yield hit;
    }
    if (hits.length < k || k >= INDEX_LIMITS.kMax) return;
  }
}

function searchOptions(k: number, options: Omit<ResultsOptions, 'k'>): SearchOptions {
  return { ...options, k };
}
