// What the server's side of a round costs: every rule over a hundred updates of a small network,
// the codecs of updates, and what those cost in rounds.

import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { measureCodecs } from './strategies/codec-case.ts';
import { measureRounds } from './strategies/rounds-case.ts';
import { measureRules } from './strategies/rules-case.ts';

const CASES: Readonly<Record<string, (context: BenchmarkContext) => AsyncIterable<Row>>> = {
  rules: measureRules,
  codecs: measureCodecs,
  rounds: measureRounds,
};

export const benchmark: Benchmark = {
  name: 'strategies',
  summary: 'every aggregation rule over 100 updates; codecs; --case rounds for what they cost',
  baseline: undefined,
  cases: Object.keys(CASES),
  async *run(context) {
    const names = context.cases.length > 0 ? context.cases : ['rules', 'codecs'];
    for (const name of names) yield* CASES[name]?.(context) ?? [];
  },
};
