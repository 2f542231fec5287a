// Published results of federated learning, and what the same settings give here; how fast that is.

import type { Benchmark } from './benchmark.ts';
import { BYZANTINE } from './fl/byzantine-case.ts';
import { FEDBUFF } from './fl/fedbuff-case.ts';
import { HEART } from './fl/heart-case.ts';
import { MCMAHAN } from './fl/mcmahan-case.ts';
import { NIID } from './fl/niid-case.ts';
import type { PublishedTable } from './fl/published-table.ts';
import { SIMULATE } from './fl/simulate-case.ts';
import { SPEED } from './fl/speed-case.ts';

const TABLES: Readonly<Record<string, PublishedTable>> = {
  mcmahan: MCMAHAN,
  heart: HEART,
  byzantine: BYZANTINE,
  niid: NIID,
  fedbuff: FEDBUFF,
  simulate: SIMULATE,
  speed: SPEED,
};

export const benchmark: Benchmark = {
  name: 'fl',
  summary: `published tables of federated learning: ${Object.keys(TABLES).join(', ')}`,
  baseline: undefined,
  parts: Object.keys(TABLES),
  cases: [...new Set(Object.values(TABLES).flatMap(({ cases }) => cases))],
  async *run(context) {
    for (const part of context.parts) {
      const table = TABLES[part];
      if (table === undefined) continue;
      const wanted = context.cases.length > 0 ? context.cases : (table.byDefault ?? table.cases);
      const cases = table.cases.filter((name) => wanted.includes(name));
      yield* table.measure({ ...context, cases });
    }
  },
};
