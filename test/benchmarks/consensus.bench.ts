// Consensus simulated: speed of every level, and what attacks achieve against their bounds.

import type { Benchmark } from './benchmark.ts';
import { measureHolder } from './consensus/holder-case.ts';
import { measureExchangeable, measureIdentified } from './consensus/lock-step-case.ts';
import { measureMessages } from './consensus/message-case.ts';
import { measureProcesses } from './consensus/processes-case.ts';
import { simplexLatency } from './consensus/simplex-latency.ts';
import { simplexRuns } from './consensus/simplex-runs.ts';

const BY_DEFAULT = ['exchangeable', 'identified', 'message', 'holder', 'simplex-runs'];

export const benchmark: Benchmark = {
  name: 'consensus',
  summary: 'simulated polls and messages a second; a holder beside its bound; attacks on simplex',
  baseline: 'naive sampling',
  cases: [...BY_DEFAULT, 'simplex-latency', 'processes'],
  async *run(context) {
    const names = context.cases.length > 0 ? context.cases : BY_DEFAULT;
    if (names.includes('exchangeable')) yield* measureExchangeable(context);
    if (names.includes('identified')) yield* measureIdentified(context);
    if (names.includes('message')) yield* measureMessages(context);
    if (names.includes('holder')) yield* measureHolder(context);
    if (names.includes('simplex-runs')) yield* simplexRuns(context);
    if (names.includes('simplex-latency')) yield* simplexLatency(context);
    if (names.includes('processes')) yield* measureProcesses(context);
  },
};
