// Runs one simulation in a process of its own, so that its peak memory is its own.

import assert from 'node:assert/strict';
import { simulateApp } from '@starling/runtime';
import type { ConfigRecord } from '@starling/shared';
import { bareFits } from './simulated-app.ts';

export interface SimulateJob {
  readonly model: string;
  readonly nodes: number;
  readonly perRound: number;
  readonly rounds: number;
  readonly seed: number;
  /** 0: no simulation, the bare fits instead. */
  readonly workers: number;
}

export interface SimulateFigures {
  readonly updates: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMiB: number;
}

const APP = new URL('./simulated-app.ts', import.meta.url);

assert(process.send !== undefined, 'simulate-worker runs as a child process only');
process.on('disconnect', () => process.exit());
process.once('message', async (job: SimulateJob) => {
  const figures = job.workers === 0 ? await fitAlone(job) : await simulate(job);
  const rssMiB = process.resourceUsage().maxRSS / 1024;
  process.send?.({ ...figures, rssMiB } satisfies SimulateFigures, () => process.disconnect());
});

async function fitAlone({ model, perRound, rounds }: SimulateJob) {
  const updates = perRound * rounds;
  const cpuSeconds = await bareFits({ model }, updates);
  return { updates, seconds: cpuSeconds, cpuSeconds };
}

/** The first round loads the app and opens its sessions; it does not count. */
async function simulate({ model, nodes, perRound, rounds, seed, workers }: SimulateJob) {
  const runConfig: ConfigRecord = {
    ...{ model, 'fraction-train': perRound / nodes, 'num-server-rounds': rounds + 1 },
    ...{ 'learning-rate': 0.1, 'local-epochs': 1 },
  };
  let startedMs = 0;
  let started = process.cpuUsage();
  await simulateApp({
    ...{ client: APP, server: APP, nodes, workers, seed, runConfig },
    onRound: ({ round }) => {
      if (round > 1) return;
      startedMs = performance.now();
      started = process.cpuUsage();
    },
  });
  const { system, user } = process.cpuUsage(started);
  const seconds = (performance.now() - startedMs) / 1000;
  return { updates: perRound * rounds, seconds, cpuSeconds: (system + user) / 1e6 };
}
