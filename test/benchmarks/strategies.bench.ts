// What the server's side of a round costs: every rule over a hundred updates of a small network, and
// the codecs of updates.

import type { Benchmark } from './benchmark.ts';
import { measureCodecs } from './strategies/codec-case.ts';
import { measureRules } from './strategies/rules-case.ts';

export const benchmark: Benchmark = {
  name: 'strategies',
  summary: 'every aggregation rule over 100 updates of 200,000 parameters; codecs of updates',
  baseline: undefined,
  cases: ['rules', 'codecs'],
  async *run(context) {
    for (const name of context.cases.length > 0 ? context.cases : ['rules', 'codecs']) {
      if (name === 'rules') yield* measureRules(context);
      else yield* measureCodecs(context);
    }
  },
};
