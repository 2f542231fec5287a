// Which way a filtered search goes, by a cost model whose unit is one distance of a graph walk:
//
//   pre-filter    evaluate the filter, compare every match            E + scanCost · m
//   in-graph      evaluate it, walk through all rows, keep matches    E + D(ef · s^¼ / s)
//   post-filter   walk, then ask the filter about each row found      D(max(ef, k′ / s)) + k′ / s · t
//
// N rows, m matches, s = m / N; E, t: asking the filter about all rows, about one; D(w): distances of
// a walk of width w. A beam that is to hold ef matches walks as one of width ef / s does: measured,
// within 6 % from s = 0.5 to 0.01. It finds more than ef does without a filter, hence s^¼.

import { INDEX_LIMITS } from '../index-limits.ts';
import type { RowEstimate } from './column-types.ts';

export const FILTER_PLANS = ['pre-filter', 'in-graph', 'post-filter'] as const;

export type FilterPlan = (typeof FILTER_PLANS)[number];

/**
 * The constants of the model; one distance of a graph walk is 1. Fitted to HNSW with M = 16 on MNIST
 * (20,000 × 784): D(10) = 204, D(40) = 441, D(160) = 1,066, D(640) = 2,821, D(2,560) = 8,054.
 */
export const PLAN_COSTS = Object.freeze({
  /** A distance of a scan, 0.15 to 0.3: rows lie in order and no heap of candidates is kept. */
  scanDistance: 0.25,
  /** Rows of a table that a filter goes through in the time of one distance. */
  evaluatedRowsPerDistance: 100,
  /** Asking the filter about one row that was found: an id, a hit, and the columns. */
  askedRow: 2,
  /** D(w) = walkScale · w ^ walkExponent, at most N. */
  walkScale: 36,
  walkExponent: 0.67,
  /** Under `in-graph`, ef shrinks with the selectivity to this power, down to k. */
  narrowingExponent: 0.25,
  /** Deviations by which post-filtering asks for more than k / s rows. */
  oversampledDeviations: 3,
});

/** What is known before the search. */
export interface SearchSituation {
  /** Rows of the index. */
  readonly size: number;
  readonly matches: RowEstimate;
  /** Whether the set of matches is there already. */
  readonly isEvaluated: boolean;
  readonly k: number;
  readonly efSearch: number;
  /** An exact index compares every row whatever it is asked. */
  readonly kind: 'hnsw' | 'flat';
  /** Distances of an unfiltered search of a width; the default is fitted to HNSW with M = 16. */
  readonly searchDistances?: (width: number) => number;
}

/** One way, what to ask the index for, and what it is expected to cost. */
export interface SearchPlan {
  readonly plan: FilterPlan;
  /** Rows to ask the index for; more than the caller's k before a filter. */
  readonly k: number;
  /** Width of the beam; under `in-graph` it counts matches, so the walk widens by itself. */
  readonly efSearch: number;
  readonly estimatedDistances: number;
  /** Distances and everything else, in distances of a graph walk. */
  readonly cost: number;
}

/**
 * The cheapest way that is allowed and can answer; comparing all matches always can.
 *
 * @param allowed - ways to choose from
 */
export function planSearch(
  situation: SearchSituation,
  allowed: readonly FilterPlan[] = FILTER_PLANS,
): SearchPlan {
  const [preFilter, ...others] = plansFor(situation);
  const ways = others.filter(({ plan }) => allowed.includes(plan));
  const [firstWay] = ways;
  if (!allowed.includes('pre-filter') && firstWay !== undefined) return cheapestOf(firstWay, ways);
  const isCertain = situation.kind === 'flat' || situation.matches.max <= situation.k;
  return isCertain ? preFilter : cheapestOf(preFilter, ways);
}

/** Every way that can answer, `pre-filter` first. */
export function plansFor(situation: SearchSituation): readonly [SearchPlan, ...SearchPlan[]] {
  const { isEvaluated, k, matches, size } = situation;
  const efSearch = Math.max(k, situation.efSearch);
  const evaluation = isEvaluated ? 0 : size / PLAN_COSTS.evaluatedRowsPerDistance;
  const selectivity = Math.min(1, Math.max(matches.rows, 0.5) / Math.max(size, 1));
  const walk = (width: number) =>
    Math.min(size, (situation.searchDistances ?? walkDistances)(width));
  const narrowed = Math.ceil(efSearch * selectivity ** PLAN_COSTS.narrowingExponent);
  const efInGraph = Math.max(k, narrowed);
  const walked = walk(efInGraph / selectivity);
  const plans: [SearchPlan, ...SearchPlan[]] = [
    {
      plan: 'pre-filter',
      k,
      efSearch,
      estimatedDistances: matches.rows,
      cost: evaluation + PLAN_COSTS.scanDistance * matches.rows,
    },
    {
      plan: 'in-graph',
      k,
      efSearch: efInGraph,
      estimatedDistances: walked,
      cost: evaluation + walked,
    },
  ];
  const asked = oversampled(k, selectivity);
  if (asked <= Math.min(size, INDEX_LIMITS.kMax)) {
    const width = Math.max(efSearch, asked);
    const cost = walk(width) + PLAN_COSTS.askedRow * asked;
    const estimatedDistances = walk(width);
    plans.push({ plan: 'post-filter', k: asked, efSearch: width, estimatedDistances, cost });
  }
  return plans;
}

function cheapestOf(first: SearchPlan, others: readonly SearchPlan[]): SearchPlan {
  return others.reduce((best, plan) => (plan.cost < best.cost ? plan : best), first);
}

/** Rows among which k match but for chance: the mean, and some deviations of a binomial count. */
function oversampled(k: number, selectivity: number): number {
  const deviation = Math.sqrt(k * (1 - selectivity));
  return Math.ceil((k + PLAN_COSTS.oversampledDeviations * deviation) / selectivity);
}

function walkDistances(width: number): number {
  return PLAN_COSTS.walkScale * width ** PLAN_COSTS.walkExponent;
}
