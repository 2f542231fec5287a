// The attack on Simplex in numbers: seeded clusters with F liars, losses, crashes and partitions, and
// the same search with one liar more, which must find members that decided differently.

import { setImmediate } from 'node:timers/promises';
import { faultTolerance, type MessageLevelSpec } from '@starling/consensus';
import { plannedRun, type RunsSummary, summarise } from '../../consensus/simplex-plan.ts';
import type { BenchmarkContext, Row } from '../benchmark.ts';

const RUNS = 100_000;
const QUICK_RUNS = 2_000;
/** Share of the runs by number of members. */
const SHARES: readonly (readonly [members: number, share: number])[] = [
  [4, 0.3],
  [7, 0.25],
  [10, 0.18],
  [13, 0.12],
  [16, 0.1],
  [30, 0.04],
  [64, 0.006],
  [100, 0.004],
];
const BATCH_RUNS = 100;
/** Clusters with one liar too many, per size. */
const SPLIT_RUNS = 200;

/** A row per size, as it is done: what F liars achieve, then what F + 1 do. */
export async function* simplexRuns(
  context: BenchmarkContext,
  runs = context.isQuick ? QUICK_RUNS : RUNS,
): AsyncGenerator<Row> {
  for (const [members, share] of SHARES) {
    const count = Math.ceil(runs * share);
    const first = context.seed * RUNS;
    const specs = Array.from({ length: count }, (_, i) => plannedRun(first + i, members));
    const liars = faultTolerance(members);
    yield await rowOf(`n = ${members}, F = ${liars} liars`, specs, context);
  }
  for (const members of [4, 7, 10, 16, 30]) {
    const byzantine = faultTolerance(members) + 1;
    const count = Math.min(SPLIT_RUNS, Math.ceil(runs / 100));
    const specs = Array.from({ length: count }, (_, i) => ({
      seed: context.seed * RUNS + i,
      members,
      byzantine,
      adversary: 'equivocator' as const,
      limitMs: 10_000,
    }));
    yield await rowOf(`n = ${members}, F + 1 = ${byzantine} equivocators`, specs, context);
  }
}

async function rowOf(
  name: string,
  specs: readonly Partial<MessageLevelSpec>[],
  { progress, signal }: BenchmarkContext,
): Promise<Row> {
  const batches: RunsSummary[] = [];
  const startMs = performance.now();
  for (let at = 0; at < specs.length; at += BATCH_RUNS) {
    batches.push(summarise(specs.slice(at, at + BATCH_RUNS)));
    progress(`${name}: ${Math.min(at + BATCH_RUNS, specs.length)} of ${specs.length} runs`);
    await setImmediate(undefined, { signal });
  }
  const seconds = (performance.now() - startMs) / 1000;
  const sum = (pick: (batch: RunsSummary) => number) =>
    batches.reduce((total, batch) => total + pick(batch), 0);
  const [messages, decisions] = [sum((batch) => batch.messages), sum((batch) => batch.decisions)];
  return {
    table: 'simplex, seeded runs with losses, crashes and partitions',
    contender: 'simplex',
    case: name,
    figures: {
      runs: sum((batch) => batch.runs),
      violatingRuns: sum((batch) => batch.violations.length),
      undecidedRuns: sum((batch) => batch.undecided.length),
      messagesPerSecond: messages / seconds,
      messagesPerDecision: messages / Math.max(1, decisions),
      secondsPerDecision: seconds / Math.max(1, decisions),
      slowestSimulatedSeconds: Math.max(...batches.map((batch) => batch.simulatedMsMax)) / 1000,
    },
  };
}
