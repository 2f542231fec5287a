// How long a decision takes in simulated time and how many messages it costs, beside what one thread
// simulates per second: three competing proposals, 60 ms median one-way delay.

import { setImmediate } from 'node:timers/promises';
import { faultTolerance, type MessageLevelSpec, runMessageLevel } from '@starling/consensus';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { percentile } from '../measure.ts';

const SIZES: readonly (readonly [members: number, runs: number])[] = [
  [4, 1000],
  [10, 500],
  [30, 100],
  [100, 30],
];

/** Rows for every size without liars, with F equivocators, with F silent and 2 % loss. */
export async function* simplexLatency(
  { isQuick, seed, signal, progress }: BenchmarkContext,
  sizes = SIZES,
): AsyncGenerator<Row> {
  for (const [members, runs] of sizes) {
    const byzantine = faultTolerance(members);
    const worlds: readonly (readonly [string, Partial<MessageLevelSpec>])[] = [
      ['nobody lies', {}],
      ['F equivocate', { adversary: 'equivocator', byzantine }],
      ['F silent, 2 % lost', { adversary: 'silent', byzantine, loss: 0.02 }],
    ];
    for (const [world, spec] of worlds) {
      progress(`n = ${members}, ${world}`);
      await setImmediate(undefined, { signal });
      const count = isQuick ? Math.ceil(runs / 5) : runs;
      yield measured(`n = ${members}, ${world}`, { ...spec, members }, { seed, count });
    }
  }
}

function measured(
  name: string,
  spec: Partial<MessageLevelSpec>,
  { seed, count }: { readonly seed: number; readonly count: number },
): Row {
  const timesMs: number[] = [];
  let [messages, bytes] = [0, 0];
  const startMs = performance.now();
  for (let run = 0; run < count; run++) {
    const outcome = runMessageLevel({ ...spec, seed: seed * 100_000 + run });
    messages += outcome.messages;
    bytes += outcome.bytes;
    for (const { decisions } of outcome.decided) timesMs.push(decisions[0]?.atMs ?? 0);
  }
  const seconds = (performance.now() - startMs) / 1000;
  return {
    table: 'simplex, one decision',
    contender: 'simplex',
    case: name,
    figures: {
      p50Ms: percentile(timesMs, 0.5),
      p99Ms: percentile(timesMs, 0.99),
      messagesPerDecision: messages / count,
      kilobytesPerDecision: bytes / count / 1000,
      messagesPerSecond: messages / seconds,
      secondsPerDecision: seconds / count,
    },
  };
}
