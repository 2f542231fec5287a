// Writers killed at random moments, many more than the tests kill. A trial that fails throws and
// names its seed.

import { runKillTrial } from '../../collection/run-kill-trial.ts';
import type { BenchmarkContext, Row } from '../benchmark.ts';

const TRIALS = 300;
const QUICK_TRIALS = 20;
const PROGRESS_EVERY = 25;

export async function* measureKills(context: BenchmarkContext): AsyncGenerator<Row> {
  const { isQuick, progress, seed, signal } = context;
  const trials = isQuick ? QUICK_TRIALS : TRIALS;
  const first = seed * 1_000_000;
  let [acknowledged, kept, sent] = [0, 0, 0];
  for (let trial = 0; trial < trials; trial++) {
    signal.throwIfAborted();
    const outcome = await runKillTrial(first + trial);
    acknowledged += outcome.acknowledged;
    kept += outcome.kept;
    sent += outcome.sent;
    if ((trial + 1) % PROGRESS_EVERY === 0) progress(`kills: ${trial + 1} of ${trials} trials`);
  }
  yield {
    table: 'writers killed by SIGKILL; every acknowledged write was there, nothing unsent',
    contender: 'starling collection',
    case: `${trials} seeds from ${first}`,
    figures: { acknowledgedWrites: acknowledged, keptWrites: kept, sentWrites: sent },
  };
}
