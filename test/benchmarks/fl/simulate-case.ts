// Virtual clients: how fast rounds of 100 are, and what registered clients cost that are not asked.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import type { PublishedTable } from './published-table.ts';
import type { SimulateFigures, SimulateJob } from './simulate-worker.ts';
import { SAMPLES_PER_NODE, SIMULATED_MODELS } from './simulated-app.ts';

const PER_ROUND = 100;
const WORKERS = 2;
const REGISTERED = [1000, 10_000, 100_000];
const WORKER = fileURLToPath(new URL('./simulate-worker.ts', import.meta.url));
const TABLE = `simulation: rounds of ${PER_ROUND} clients, ${SAMPLES_PER_NODE} samples each, batches of 10, one epoch`;

export const SIMULATE: PublishedTable = { cases: SIMULATED_MODELS, measure };

/** Each row in a process of its own; the bare fits are the same work without the framework. */
async function* measure(context: BenchmarkContext): AsyncGenerator<Row> {
  const rounds = context.isQuick ? 10 : 50;
  for (const model of context.cases) {
    const job = { model, perRound: PER_ROUND, rounds, seed: context.seed };
    context.progress(`${model}: bare fits`);
    const bare = await inChild({ ...job, nodes: 1, workers: 0 }, context.signal);
    const bareRate = bare.updates / bare.cpuSeconds;
    yield row(`${model}`, 'bare fits', { updatesPerCpuSecond: bareRate, peakRssMiB: bare.rssMiB });
    for (const nodes of REGISTERED) {
      context.progress(`${model}: ${nodes} registered clients`);
      const found = await inChild({ ...job, nodes, workers: WORKERS }, context.signal);
      const rate = found.updates / found.cpuSeconds;
      yield row(`${model}, ${nodes.toLocaleString('en-US')} registered`, 'simulateApp', {
        roundsPerSecond: rounds / found.seconds,
        updatesPerSecond: found.updates / found.seconds,
        updatesPerCpuSecond: rate,
        shareOfBareFits: rate / bareRate,
        peakRssMiB: found.rssMiB,
      });
    }
  }
}

async function inChild(job: SimulateJob, signal: AbortSignal): Promise<SimulateFigures> {
  const child = fork(WORKER, [], { signal });
  child.send(job);
  const [figures] = await once(child, 'message', { signal });
  await once(child, 'exit');
  return figures;
}

function row(name: string, contender: string, figures: Row['figures']): Row {
  return { table: TABLE, contender, case: name, figures };
}
