// Which way a filtered search goes, by a cost model whose unit is one distance of a graph walk:
//
//   pre-filter    evaluate the filter, compare every match            E + scan · m
//   in-graph      evaluate it, walk through all rows, keep matches    E + D(ef · s^¼ / s)
//   post-filter   walk, then ask the filter about each row found      D(max(ef, k′ / s)) + k′ / s · t
//
// N rows, m matches, s = m / N; E, t: asking the filter about all rows, about one; D: what a walk
// computes, by the model of `selectIndex`. It finds more than ef does without a filter, hence s^¼.
// Lists are probed in place of walks: `list-routes.ts`.

import { INDEX_LIMITS } from '../index-limits.ts';
import type { SearchKind } from '../select/cost-model.ts';
import type { RowEstimate } from './column-types.ts';
import { type FilterRoutes, graphRoutes } from './graph-routes.ts';
import { listRoutes } from './list-routes.ts';
import { PLAN_COSTS } from './plan-costs.ts';

export const FILTER_PLANS = ['pre-filter', 'in-graph', 'post-filter'] as const;

export type FilterPlan = (typeof FILTER_PLANS)[number];

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
  readonly kind: SearchKind;
  /** How an index of lists is divided; as its defaults are when left out. */
  readonly lists?: number;
  /** Lists that a search without filter looks into. */
  readonly probes?: number;
  /** Distances of an unfiltered walk of a width; the default is fitted to HNSW with M = 16. */
  readonly searchDistances?: (width: number) => number;
}

/** One way, what to ask the index for, and what it is expected to cost. */
export interface SearchPlan {
  readonly plan: FilterPlan;
  /** Rows to ask the index for; more than the caller's k before a filter. */
  readonly k: number;
  /** Width of the beam; under `in-graph` it counts matches, so the walk widens by itself. */
  readonly efSearch: number;
  /** Lists to look into, of an index of lists. */
  readonly probes?: number;
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
  const evaluation = isEvaluated ? 0 : size / PLAN_COSTS.evaluatedRowsPerDistance;
  const selectivity = Math.min(1, Math.max(matches.rows, 0.5) / Math.max(size, 1));
  const { throughAll, throughMatches }: FilterRoutes =
    situation.kind === 'ivf' ? listRoutes(situation) : graphRoutes(situation);
  const scanned: SearchPlan = {
    plan: 'pre-filter',
    k,
    efSearch: Math.max(k, situation.efSearch),
    estimatedDistances: matches.rows,
    cost: evaluation + PLAN_COSTS.scanDistance * matches.rows,
  };
  const matching = throughMatches(selectivity);
  const plans: [SearchPlan, ...SearchPlan[]] = [
    scanned,
    { plan: 'in-graph', k, ...matching, cost: evaluation + matching.cost },
  ];
  const asked = oversampled(k, selectivity);
  if (asked <= Math.min(size, INDEX_LIMITS.kMax)) {
    const all = throughAll(asked);
    const cost = all.cost + PLAN_COSTS.askedRow * asked;
    plans.push({ plan: 'post-filter', k: asked, ...all, cost });
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
