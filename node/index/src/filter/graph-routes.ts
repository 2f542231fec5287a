import { DEFAULT_COST_MODEL } from '../select/default-cost-model.ts';
import { walkDistances } from '../select/walk-distances.ts';
import { PLAN_COSTS } from './plan-costs.ts';
import type { SearchPlan, SearchSituation } from './plan-search.ts';

/** What to ask an index for, and what that is expected to cost. */
export type Route = Omit<SearchPlan, 'plan' | 'k'>;

/** How an index looks for rows that match. */
export interface FilterRoutes {
  /** For k rows of those that match, which are a share of all. */
  readonly throughMatches: (selectivity: number) => Route;
  /** For so many rows, matching or not. */
  readonly throughAll: (asked: number) => Route;
}

/** Walks through a graph: under a filter the beam holds rows that match, so it goes farther. */
export function graphRoutes(situation: SearchSituation): FilterRoutes {
  const { k, size } = situation;
  const efSearch = Math.max(k, situation.efSearch);
  const distancesOf =
    situation.searchDistances ?? ((width) => walkDistances(width, size, DEFAULT_COST_MODEL));
  const walk = (width: number) => Math.min(size, distancesOf(width));
  return {
    throughMatches: (selectivity) => {
      const narrowed = Math.ceil(efSearch * selectivity ** PLAN_COSTS.narrowingExponent);
      const efInGraph = Math.max(k, narrowed);
      const walked = walk(efInGraph / selectivity);
      return { efSearch: efInGraph, estimatedDistances: walked, cost: walked };
    },
    throughAll: (asked) => {
      const width = Math.max(efSearch, asked);
      const walked = walk(width);
      return { efSearch: width, estimatedDistances: walked, cost: walked };
    },
  };
}
