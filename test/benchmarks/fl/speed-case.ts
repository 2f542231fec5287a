// Milliseconds per step of the engine beside the arithmetic floor of the same run and PyTorch eager:
// CPU time of one thread, the fastest of several short fits, in turns. `floor` is the arithmetic of
// the products and convolutions at the speed of a large product. Eager is measured where a Python with
// torch is found (STARLING_PYTHON, else python3).

import type { BenchmarkContext, Row } from '../benchmark.ts';
import {
  type EngineCase,
  engineCases,
  fastestStepMs,
  peakFlopsPerMs,
} from '../training/engine-case.ts';
import { EagerProcess } from './eager-process.ts';
import type { PublishedTable } from './published-table.ts';

const TABLE = 'speed: CPU milliseconds per step of SGD, one thread';
/** Shorter than any step. */
const STEPWISE_MS = 1e-3;
const TURNS = 3;

export const SPEED: PublishedTable = {
  cases: engineCases().map(({ name }) => name),
  async *measure(context) {
    const python = process.env['STARLING_PYTHON'] ?? 'python3';
    using eager = new EagerProcess(python, context.signal);
    for (const one of engineCases()) {
      if (context.cases.includes(one.name)) yield await rowOf(one, eager, context);
    }
  },
};

async function rowOf(
  one: EngineCase,
  eager: EagerProcess,
  context: BenchmarkContext,
): Promise<Row> {
  const [turns, repeats] = context.isQuick ? [1, 4] : [TURNS, 6];
  const figures: Record<string, number> = {};
  const note = (name: string, ms: number | undefined) => {
    if (ms !== undefined) figures[name] = Math.min(ms, figures[name] ?? Number.POSITIVE_INFINITY);
  };
  for (let turn = 1; turn <= turns; turn++) {
    context.progress(`speed: ${one.name}, turn ${turn} of ${turns}`);
    note('floor', one.flops / (await peakFlopsPerMs('native', context)));
    note('loop', await fastestStepMs('native', one, context));
    note('eager', await eager.stepMs(one.name, repeats));
  }
  note('step', await fastestStepMs('native', one, context, STEPWISE_MS));
  note('wasm', await fastestStepMs('wasm', one, context));
  const { floor = Number.NaN, loop = Number.NaN, eager: beside } = figures;
  const ratios = { timesFloor: loop / floor, ...(beside && { timesEager: loop / beside }) };
  return {
    table: TABLE,
    contender: 'starling',
    case: one.name,
    figures: { ...figures, ...ratios },
  };
}
