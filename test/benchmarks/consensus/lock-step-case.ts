// How fast lock-step levels simulate decisions of an even split, beside simulators that poll every
// peer by itself.

import {
  DEFAULT_SPEC,
  drawWeights,
  ExchangeableNetwork,
  IdentifiedNetwork,
  Xoshiro128,
} from '@starling/consensus';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { type PolledNetwork, type PolledRun, pollByTable, pollPeers } from './poll-by-poll.ts';

const PARAMETERS = { k: 20, alphaPreference: 11, alphaConfidence: 15, beta: 20 };
const REPEATS = 5;
/** Polls that a measurement goes through, if decisions are that short. */
const POLLS_MIN = 200_000;

export async function* measureExchangeable(context: BenchmarkContext): AsyncIterable<Row> {
  const sizes = context.isQuick ? [100, 10_000, 100_000] : [100, 1000, 10_000, 100_000, 1_000_000];
  for (const n of sizes) {
    const network = new ExchangeableNetwork({
      ...{ ...DEFAULT_SPEC, ...PARAMETERS, n, faulty: 0 },
      ...{ support: n / 2, adversary: 'silent', level: 0, roundsMax: 500 },
    });
    yield* contenders(context, `n = ${n.toLocaleString('en-US')}`, n, {
      starling: (seed) => network.run(Xoshiro128.seeded(seed)),
      'a table per round': (seed) => pollByTable({ ...PARAMETERS, n }, seed),
      ...(n > 10_000 ? {} : { 'naive sampling': naive(n) }),
    });
  }
}

export async function* measureIdentified(context: BenchmarkContext): AsyncIterable<Row> {
  for (const weights of ['uniform', 'pareto'] as const) {
    for (const n of context.isQuick ? [1000] : [100, 1000, 10_000, 50_000]) {
      const network = new IdentifiedNetwork({
        ...{ ...DEFAULT_SPEC, ...PARAMETERS, adversary: 'silent', level: 0, roundsMax: 500 },
        weights: drawWeights(weights, n, Xoshiro128.seeded(context.seed)),
      });
      yield* contenders(context, `n = ${n.toLocaleString('en-US')}, ${weights} weights`, n, {
        starling: (seed) => network.run(Xoshiro128.seeded(seed)),
        ...(weights === 'uniform' ? { 'naive sampling': naive(n) } : {}),
      });
    }
  }
}

function naive(n: number): (seed: number) => PolledRun {
  const network: PolledNetwork = { ...PARAMETERS, n };
  return (seed) => pollPeers(network, seed);
}

async function* contenders(
  context: BenchmarkContext,
  name: string,
  n: number,
  simulators: Readonly<Record<string, (seed: number) => { readonly polls: number }>>,
): AsyncIterable<Row> {
  for (const [contender, run] of Object.entries(simulators)) {
    context.progress(`${name}: ${contender}`);
    const decisions = Math.max(1, Math.ceil(POLLS_MIN / (n * 25)));
    let polls = 0;
    const seconds = await context.measure(context.isQuick ? 3 : REPEATS, () => {
      polls = 0;
      for (let i = 0; i < decisions; i++) polls += run(context.seed * 1000 + i).polls;
    });
    // The fastest repetition: others ran beside other work.
    yield {
      table: 'decisions of an even split, 20/11/15/20, one thread',
      contender,
      case: name,
      figures: {
        pollsPerSecond: polls / seconds.min,
        secondsPerDecision: seconds.min / decisions,
        pollsPerDecision: polls / decisions,
      },
    };
  }
}
