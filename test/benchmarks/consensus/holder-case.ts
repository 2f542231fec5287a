// The holder against four parameter sets: what it breaks, between what Wilson's interval allows and
// what the bound promises.

import { setImmediate } from 'node:timers/promises';
import {
  ExchangeableNetwork,
  type SampledPoll,
  safetyBoundOver,
  wilsonInterval,
  Xoshiro128,
} from '@starling/consensus';
import type { BenchmarkContext, Row } from '../benchmark.ts';

const SETS = [
  { k: 5, alphaPreference: 3, alphaConfidence: 4, beta: 8 },
  { k: 10, alphaPreference: 6, alphaConfidence: 8, beta: 15 },
  { k: 20, alphaPreference: 15, alphaConfidence: 15, beta: 20 },
  { k: 20, alphaPreference: 11, alphaConfidence: 15, beta: 20 },
];
const NETWORKS: readonly (readonly [n: number, faulty: number])[] = [
  [20, 3],
  [30, 5],
  [50, 9],
  [100, 19],
  [10, 3],
  [20, 6],
  [30, 9],
  [50, 16],
  [100, 33],
];
/** Small networks whose bound is below 1, so that it forbids something. */
const BOUNDED: readonly SampledPoll[] = [
  { n: 8, faulty: 1, k: 5, alphaPreference: 3, alphaConfidence: 5, beta: 3 },
  { n: 12, faulty: 1, k: 5, alphaPreference: 3, alphaConfidence: 5, beta: 4 },
  { n: 12, faulty: 1, k: 7, alphaPreference: 4, alphaConfidence: 6, beta: 4 },
  { n: 12, faulty: 2, k: 7, alphaPreference: 4, alphaConfidence: 7, beta: 3 },
  { n: 12, faulty: 2, k: 10, alphaPreference: 6, alphaConfidence: 8, beta: 3 },
  { n: 12, faulty: 3, k: 10, alphaPreference: 6, alphaConfidence: 9, beta: 2 },
  { n: 20, faulty: 1, k: 5, alphaPreference: 3, alphaConfidence: 5, beta: 4 },
  { n: 20, faulty: 3, k: 10, alphaPreference: 6, alphaConfidence: 8, beta: 10 },
  { n: 30, faulty: 3, k: 10, alphaPreference: 6, alphaConfidence: 9, beta: 4 },
  { n: 50, faulty: 4, k: 5, alphaPreference: 3, alphaConfidence: 5, beta: 8 },
  { n: 50, faulty: 4, k: 10, alphaPreference: 6, alphaConfidence: 8, beta: 6 },
  { n: 100, faulty: 9, k: 10, alphaPreference: 6, alphaConfidence: 9, beta: 5 },
];

interface Attack {
  readonly table: string;
  readonly rounds: (poll: SampledPoll) => number;
  /** At each level of held support. */
  readonly runs: number;
  readonly polls: readonly SampledPoll[];
}

const LEVELS = 12;

/** The worst level of held support in every cell; throws when one is above its bound. */
export async function* measureHolder(context: BenchmarkContext): AsyncIterable<Row> {
  const { isQuick } = context;
  const runs = isQuick ? 40 : 400;
  const shortRuns = isQuick ? 400 : 10_000;
  yield* attack(context, {
    table: `violations by the holder in 500 rounds, ${runs} runs at each of ${LEVELS} levels`,
    rounds: () => 500,
    runs,
    polls: SETS.flatMap((set) =>
      NETWORKS.filter(([n]) => n >= set.k).map(([n, faulty]) => ({ ...set, n, faulty })),
    ),
  });
  yield* attack(context, {
    table: `the same in β + 8 rounds, ${shortRuns} runs, where the bound is below 1`,
    rounds: ({ beta }) => beta + 8,
    runs: shortRuns,
    polls: BOUNDED,
  });
}

async function* attack(context: BenchmarkContext, asked: Attack): AsyncIterable<Row> {
  for (const poll of asked.polls) {
    const name = nameOf(poll);
    context.progress(name);
    const { level, seen } = await worstOf(poll, asked, context.signal);
    const { high, low } = wilsonInterval(seen, asked.runs);
    const bound = safetyBoundOver(poll, asked.rounds(poll));
    if (low > bound) throw new Error(`${name}: ${seen} violations are above the bound ${bound}`);
    yield {
      table: asked.table,
      contender: 'holder',
      case: name,
      figures: {
        seen,
        violationRate: seen / asked.runs,
        low,
        high,
        bound,
        heldShare: level / (poll.n - poll.faulty),
      },
    };
  }
}

async function worstOf(poll: SampledPoll, { rounds, runs }: Attack, signal: AbortSignal) {
  const honest = poll.n - poll.faulty;
  let worst = { level: 0, seen: -1 };
  const levels = Array.from({ length: LEVELS }, (_, at) => 0.5 + (0.5 * at) / LEVELS);
  for (const level of new Set(levels.map((share) => Math.round(share * honest)))) {
    await setImmediate(undefined, { signal });
    const seen = violations(poll, { level, rounds: rounds(poll), runs });
    if (seen > worst.seen) worst = { level, seen };
    if (seen === runs) break;
  }
  return worst;
}

function violations(
  poll: SampledPoll,
  asked: { readonly level: number; readonly rounds: number; readonly runs: number },
): number {
  const { level, rounds: roundsMax, runs } = asked;
  const setting = { ...poll, support: level, level, adversary: 'holder', roundsMax } as const;
  const network = new ExchangeableNetwork(setting);
  let seen = 0;
  for (let run = 0; run < runs; run++) {
    if (network.run(Xoshiro128.seeded(level, run)).ending === 'conflict') seen++;
  }
  return seen;
}

function nameOf({ alphaConfidence, alphaPreference, beta, faulty, k, n }: SampledPoll): string {
  return `${k}, ${alphaPreference}/${alphaConfidence}, ${beta}: n = ${n}, f = ${faulty}`;
}
