// A writer killed at random moments; hundreds of seeds run in the benchmarks.

import test from 'ava';
import { runKillTrial } from './run-kill-trial.ts';

const SEEDS = 24;
const TOGETHER = 2;

for (let lane = 0; lane < TOGETHER; lane++) {
  test(`a killed writer keeps what it acknowledged and nothing that was never sent, ${lane}`, async (t) => {
    for (let seed = 1 + lane; seed <= SEEDS; seed += TOGETHER) {
      const { acknowledged, kept, sent } = await runKillTrial(seed);
      t.true(acknowledged <= kept && kept <= sent, `seed ${seed}`);
    }
  });
}
