// What the server's side of a round costs: every rule over a hundred updates of a small network.

import type { Benchmark } from './benchmark.ts';
import { measureRules } from './strategies/rules-case.ts';

export const benchmark: Benchmark = {
  name: 'strategies',
  summary: 'every aggregation rule over 100 updates of 200,000 parameters',
  baseline: 'FedAvg',
  run: (context) => measureRules(context),
};
