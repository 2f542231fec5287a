import { listsFor, probesFor, TRAINING_ROWS_MIN } from '../ivf/ivf-options.ts';
import { wantedProbes } from '../select/cost-model.ts';
import { DEFAULT_COST_MODEL } from '../select/default-cost-model.ts';
import type { FilterRoutes, Route } from './graph-routes.ts';
import { PLAN_COSTS } from './plan-costs.ts';
import type { SearchSituation } from './plan-search.ts';

/** The recall at which probes are compared; only their ratio counts. */
const RECALL = 0.95;

/**
 * Probes of inverted lists: as many more than without a filter as the model of `selectIndex` says
 * that matches, which lie farther apart, need. Rows are scanned, those that do not match passed by.
 */
export function listRoutes(situation: SearchSituation): FilterRoutes {
  const { k, matches, size } = situation;
  const efSearch = Math.max(k, situation.efSearch);
  const { lists = size < TRAINING_ROWS_MIN ? 1 : listsFor(size) } = situation;
  const { probes: narrowest = Math.min(lists, probesFor(lists)) } = situation;
  const probesAt = (wanted: number, selectivity: number) => {
    const question = { rows: size, recall: RECALL };
    const ratio =
      wantedProbes({ ...question, k: wanted, selectivity }, DEFAULT_COST_MODEL) /
      wantedProbes({ ...question, k, selectivity: 1 }, DEFAULT_COST_MODEL);
    return Math.min(lists, Math.ceil(narrowest * Math.max(1, ratio)));
  };
  const route = (probes: number, compared: number): Route => {
    const estimatedDistances = lists + compared;
    const passed = ((probes / lists) * size) / PLAN_COSTS.evaluatedRowsPerDistance;
    const cost = PLAN_COSTS.scanDistance * estimatedDistances + passed;
    return { efSearch, probes, estimatedDistances, cost };
  };
  return {
    throughMatches: (selectivity) => {
      const probes = probesAt(k, selectivity);
      const { rows } = matches;
      return route(probes, Math.max((probes / lists) * rows, Math.min(rows, k)));
    },
    throughAll: (asked) => {
      const probes = probesAt(asked, 1);
      return route(probes, Math.max((probes / lists) * size, asked));
    },
  };
}
