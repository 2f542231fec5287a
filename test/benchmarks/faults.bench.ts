// Faults on a running federation of real processes: how long until it is well, and what was lost.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasNatsServer } from '../contracts/nats-servers.ts';
import { FaultFederation } from '../process/faults/fault-federation.ts';
import { smallDiskObjection } from '../process/faults/small-disk.ts';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { measureDocker } from './faults/docker-case.ts';
import { dockerObjection } from './faults/docker-network.ts';
import { FAULT_CASES, type FaultCase } from './faults/fault-cases.ts';

const SITES = 5;
/** Vectors of a megabyte, and of an eighth of it. */
const ENCODER = { buckets: 8192, dimension: 32 };
const ENCODER_QUICK = { buckets: 1024, dimension: 32 };

export const benchmark: Benchmark = {
  name: 'faults',
  summary: 'rounds under faults: time until all is well, and what was lost',
  baseline: undefined,
  takesDocker: true,
  cases: FAULT_CASES.map(({ name }) => name),
  async *run(context) {
    if (context.onDocker) {
      const objection = dockerObjection();
      if (objection !== undefined) throw new Error(objection);
      yield* measureDocker(context);
      return;
    }
    if (!hasNatsServer) throw new Error('nats-server is not here (Debian: nats-server)');
    const home = await mkdtemp(join(tmpdir(), 'starling-faults-'));
    try {
      yield* measure(context, home);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  },
};

async function* measure(context: BenchmarkContext, home: string): AsyncGenerator<Row> {
  const { isQuick, progress, signal } = context;
  const encoder = isQuick ? ENCODER_QUICK : ENCODER;
  const federation = await FaultFederation.found({ encoder, home, progress, signal, sites: SITES });
  try {
    for (const fault of chosen(context)) {
      if (fault.name === 'disk' && federation.smallDisk === undefined) {
        progress(`${fault.title}: skipped, ${smallDiskObjection()}`);
        continue;
      }
      progress(fault.title);
      const row = await measureFault(federation, fault, context);
      progress(`${fault.title}: ${JSON.stringify(row.figures)}`);
      yield row;
    }
  } finally {
    await federation.stop();
  }
}

function chosen({ cases, isQuick }: BenchmarkContext): readonly FaultCase[] {
  if (cases.length > 0) return FAULT_CASES.filter(({ name }) => cases.includes(name));
  return FAULT_CASES.filter((fault) => fault.isQuick || !isQuick);
}

/** @throws {Error} when anything was lost: a table with a loss in it is no table to publish */
async function measureFault(
  federation: FaultFederation,
  fault: FaultCase,
  { isQuick, progress }: BenchmarkContext,
): Promise<Row> {
  const failedBefore = federation.watch.failures.length;
  const startedMs = performance.now();
  const recoveredMs = await fault.run({ federation, isQuick });
  const tookMs = performance.now() - startedMs;
  await federation.caughtUp();
  const { failures, ledgerProblems, lostEvents, models } = await federation.verdict(failedBefore);
  for (const why of failures) progress(`a round failed: ${why}`);
  const figures = {
    ...(recoveredMs === undefined ? {} : { recoveredMs }),
    tookMs,
    lostEvents,
    failedRounds: failures.length,
    missingUpdates: await federation.missing(),
    ledgerProblems: ledgerProblems.length,
    models,
  };
  const isWhole = lostEvents === 0 && ledgerProblems.length === 0 && models === 1;
  if (!isWhole) throw new Error(`${fault.title}: ${JSON.stringify(figures)} ${ledgerProblems}`);
  return { contender: 'starling', case: fault.title, figures };
}
