// The vector index beside its peers: recall, rates, distances, bytes, builds; deletes, churn and a
// million rows as cases of their own. Everything is integers from 0 to 255 under `euclidean`.

import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { type Contender, gatherContenders } from './index/contenders.ts';
import { CURVE_CASES, measureCurveCase } from './index/curve-case.ts';
import { measureDeletes } from './index/deletes-case.ts';
import { measureKills } from './index/kills-case.ts';
import { measureMillion } from './index/million-case.ts';
import { measureScalarLookup } from './index/scalar-lookup.ts';
import { measureSelector } from './index/selector-case.ts';

const BY_DEFAULT = ['mnist-784', 'mnist-128'];

export const benchmark: Benchmark = {
  name: 'index',
  summary: 'recall and speed beside hnswlib and usearch; --case for deletes and a million rows',
  baseline: undefined,
  cases: [...Object.keys(CURVE_CASES), 'deletes', 'kills', 'million', 'scalar', 'selector'],
  drawsPlots: true,
  async *run(context) {
    const names = context.cases.length > 0 ? context.cases : BY_DEFAULT;
    let contenders: readonly Contender[] | undefined;
    for (const name of names) {
      if (name === 'deletes') yield* measureDeletes(context);
      else if (name === 'kills') yield* measureKills(context);
      else if (name === 'million') yield* await measureMillion(context);
      else if (name === 'scalar') yield* measureScalarLookup(context);
      else if (name === 'selector') yield* measureSelector(context);
      else {
        contenders ??= await gatherContenders(context.signal, context.progress);
        yield* await measureCurveCase(name, contenders, context);
      }
    }
  },
} satisfies Benchmark & { run(context: BenchmarkContext): AsyncIterable<Row> };
