import type { SearchHit, SearchResult } from '../vector-index.ts';
import { BoundFilter } from './bound-filter.ts';
import { exactly, type RowEstimate } from './column-types.ts';
import {
  FILTER_PLANS,
  type FilterPlan,
  planSearch,
  type SearchPlan,
  type SearchSituation,
} from './plan-search.ts';
import { RowSet } from './row-set.ts';

/** What an index must be able to do to be searched under a filter. */
export interface FilterableIndex {
  /** Live rows. */
  readonly size: number;
  /** How many lists an index of lists has, and into how many a search looks by itself. */
  readonly lists?: number;
  readonly probes?: number;
  /** The nearest rows, of those in `accept` if it is given; it may find fewer than there are. */
  search(
    query: Float32Array,
    options: {
      readonly k: number;
      readonly efSearch?: number;
      readonly probes?: number;
      readonly accept?: RowSet;
    },
  ): SearchResult;
  /** The nearest rows of `accept`, exactly. */
  scan(query: Float32Array, options: { readonly k: number; readonly accept: RowSet }): SearchResult;
  slotOf(id: string): number | undefined;
}

export interface FilteredSearchOptions
  extends Pick<SearchSituation, 'k' | 'efSearch' | 'kind' | 'searchDistances'> {
  /** The filter, or the rows that match it if they are known. */
  readonly filter: BoundFilter | RowSet;
  /** The way to go; the cheapest one when left out. */
  readonly plan?: FilterPlan;
}

/** How a filtered search went. */
export interface FilterExplanation {
  /** The way that gave the answer. */
  readonly plan: FilterPlan;
  /** Ways that were tried before and found fewer than k rows. */
  readonly cameShort: readonly FilterPlan[];
  /** What was known before: exact where `min` is `max`. */
  readonly estimatedMatches: RowEstimate;
  /** Rows that match; undefined when the answer did not need to know. */
  readonly matches: number | undefined;
  /** What the plan was expected to compute. */
  readonly estimatedDistances: number;
  /** What all ways together did compute. */
  readonly distanceComputations: number;
}

export interface FilteredSearchResult extends SearchResult {
  readonly explanation: FilterExplanation;
}

/**
 * The k nearest rows that match a filter. When a way finds fewer than there are, another is
 * taken, up to comparing all: min(k, matches) rows come back, whatever the estimate was.
 *
 * @param query - `[dimension]`
 * @throws IndexError as the index does
 */
export function filteredSearch(
  index: FilterableIndex,
  query: Float32Array,
  options: FilteredSearchOptions,
): FilteredSearchResult {
  return new FilteredSearch(index, query, options).run();
}

type Width = Pick<SearchPlan, 'k' | 'efSearch' | 'probes'>;

class FilteredSearch {
  readonly #index: FilterableIndex;
  readonly #query: Float32Array;
  readonly #options: FilteredSearchOptions;
  readonly #estimatedMatches: RowEstimate;
  readonly #cameShort: FilterPlan[] = [];
  #accept: RowSet | undefined;
  #distances = 0;

  constructor(index: FilterableIndex, query: Float32Array, options: FilteredSearchOptions) {
    this.#index = index;
    this.#query = query;
    this.#options = options;
    const { filter } = options;
    this.#estimatedMatches =
      filter instanceof BoundFilter ? filter.estimate() : exactly(filter.count);
    if (filter instanceof RowSet) this.#accept = filter;
  }

  run(): FilteredSearchResult {
    const { k, plan: wanted } = this.#options;
    const allowed = wanted === undefined ? FILTER_PLANS : [wanted];
    let plan = this.#choose(allowed);
    if (plan.plan !== 'post-filter' && this.#accept === undefined) {
      this.#evaluate();
      // The set is there now, and exact: what was the best way before may not be it any more.
      plan = this.#choose(allowed);
    }
    for (;;) {
      const hits = this.#go(plan);
      const isWhole = plan.plan === 'pre-filter' || hits.length >= k;
      if (isWhole || hits.length >= this.#evaluate().count) return this.#result(plan, hits);
      this.#cameShort.push(plan.plan);
      plan = this.#choose(
        plan.plan === 'post-filter' ? ['pre-filter', 'in-graph'] : ['pre-filter'],
      );
    }
  }

  #go(searchPlan: SearchPlan): readonly SearchHit[] {
    const { efSearch, k, plan } = searchPlan;
    const width =
      searchPlan.probes === undefined ? { efSearch } : { efSearch, probes: searchPlan.probes };
    if (plan === 'post-filter') return this.#postFilter({ k, ...width });
    const accept = this.#evaluate();
    if (accept.count === 0) return [];
    const isScan = plan === 'pre-filter';
    const found = isScan
      ? this.#index.scan(this.#query, { k, accept })
      : this.#index.search(this.#query, { k, ...width, accept });
    this.#distances += found.distanceComputations;
    return found.hits;
  }

  #postFilter(asked: Width): readonly SearchHit[] {
    const { filter } = this.#options;
    const found = this.#index.search(this.#query, asked);
    this.#distances += found.distanceComputations;
    const matching: SearchHit[] = [];
    for (const hit of found.hits) {
      if (matching.length === this.#options.k) break;
      const slot = this.#index.slotOf(hit.id);
      if (slot === undefined) continue;
      const isMatch = filter instanceof RowSet ? filter.has(slot) : filter.matches(slot);
      if (isMatch) matching.push(hit);
    }
    return matching;
  }

  #choose(allowed: readonly FilterPlan[]): SearchPlan {
    const { efSearch, k, kind, searchDistances } = this.#options;
    const { lists, probes, size } = this.#index;
    const situation: SearchSituation = {
      size,
      matches: this.#accept === undefined ? this.#estimatedMatches : exactly(this.#accept.count),
      isEvaluated: this.#accept !== undefined,
      k,
      efSearch,
      kind,
      ...(searchDistances === undefined ? {} : { searchDistances }),
      ...(lists === undefined ? {} : { lists }),
      ...(probes === undefined ? {} : { probes }),
    };
    return planSearch(situation, allowed);
  }

  #evaluate(): RowSet {
    const { filter } = this.#options;
    this.#accept ??= filter instanceof RowSet ? filter : filter.select();
    return this.#accept;
  }

  #result(plan: SearchPlan, hits: readonly SearchHit[]): FilteredSearchResult {
    return {
      hits,
      distanceComputations: this.#distances,
      explanation: {
        plan: plan.plan,
        cameShort: this.#cameShort,
        estimatedMatches: this.#estimatedMatches,
        matches: this.#accept?.count,
        estimatedDistances: plan.estimatedDistances,
        distanceComputations: this.#distances,
      },
    };
  }
}
