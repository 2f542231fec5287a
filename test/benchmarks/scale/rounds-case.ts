// A real coordinator process and so many members that all take part: plain rounds of a megabyte each.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventLog } from '@starling/adapters';
import { createCoordinator, demoTask, LocalClient } from '@starling/runtime';
import { ServedProcess } from '../../process/faults/served-process.ts';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { LoadProcess } from './load-process.ts';
import { cpuSecondsOf, peakMiBOf } from './process-usage.ts';

/** 262,144 float32 are a megabyte. */
const ENCODER = { buckets: 8192, dimension: 32 };
const ELEMENTS = ENCODER.buckets * ENCODER.dimension;
const CHECK_MS = 100;
const ROUND_WITHIN_MS = 300_000;

interface RoundUsage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly messages: number;
}

/** One row for each number of members; the first round of each warms up and does not count. */
export async function* measureRounds(
  sizes: readonly number[],
  rounds: number,
  context: BenchmarkContext,
): AsyncGenerator<Row> {
  for (const members of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'starling-scale-'));
    try {
      context.progress(`rounds of ${members} members`);
      yield await measure(members, rounds, folder, context);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function measure(
  members: number,
  rounds: number,
  folder: string,
  { progress, signal }: BenchmarkContext,
): Promise<Row> {
  const home = join(folder, 'coordinator');
  await createCoordinator({
    home,
    listen: ['/ip4/127.0.0.1/tcp/0'],
    logLevel: 'error',
    name: 'scale',
    task: { ...demoTask(1), aggregation: { mode: 'plain' }, encoder: ENCODER },
  });
  const coordinator = new ServedProcess('coordinator', home, 'coordinator');
  const load = new LoadProcess();
  try {
    await coordinator.start();
    const client = await LocalClient.open(home);
    const invitations: Uint8Array[] = [];
    for (let i = 0; i < members; i++) invitations.push(await client.invite(`site-${i}`));
    await load.obey({ kind: 'join', elements: ELEMENTS, folder, invitations }, signal);
    progress(`${members} members joined`);
    const usages: RoundUsage[] = [];
    for (let round = 1; round <= rounds + 1; round++) {
      await client.planRounds(round, members);
      usages.push(await untilFinal(client, coordinator.pid ?? 0, round, signal));
      progress(`round ${round}: ${JSON.stringify(usages.at(-1))}`);
    }
    await load.stop();
    await coordinator.stop();
    return rowOf(members, usages.slice(1), await timesOf(home));
  } finally {
    await load.stop();
    await coordinator.stop();
  }
}

async function untilFinal(
  client: LocalClient,
  pid: number,
  version: number,
  signal: AbortSignal,
): Promise<RoundUsage> {
  const startedMs = performance.now();
  const cpu = cpuSecondsOf(pid);
  const heard = await messagesOf(client);
  peakMiBOf(pid);
  for (;;) {
    signal.throwIfAborted();
    const { rounds } = await client.coordinatorStatus();
    const last = rounds.at(-1);
    if (last?.round === version && last.phase === 'final') break;
    if (last?.phase === 'failed') throw new Error(`round ${version} failed: ${last.failure}`);
    if (performance.now() - startedMs > ROUND_WITHIN_MS) throw new Error(`round ${version}: late`);
    await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
  }
  return {
    seconds: (performance.now() - startedMs) / 1000,
    cpuSeconds: cpuSecondsOf(pid) - cpu,
    peakMiB: peakMiBOf(pid),
    messages: (await messagesOf(client)) - heard,
  };
}

async function messagesOf(client: LocalClient): Promise<number> {
  const samples = await client.samples();
  return samples
    .filter(({ name }) => name === 'starling_coordinator_messages_total')
    .reduce((sum, { value }) => sum + value, 0);
}

/** Milliseconds from the last update to the sum, and from the sum to the version, by the log. */
async function timesOf(home: string): Promise<{ publish: number[]; final: number[] }> {
  const log = openSqliteEventLog(join(home, 'events.sqlite'));
  const publish: number[] = [];
  const final: number[] = [];
  let updateMs = 0;
  let sumMs = 0;
  try {
    for await (const { atMs, type } of log.read(1)) {
      if (type === 'update-received') updateMs = atMs;
      if (type === 'aggregate-published') {
        sumMs = atMs;
        publish.push(sumMs - updateMs);
      }
      if (type === 'version-finalised') final.push(atMs - sumMs);
    }
  } finally {
    await log.stop();
  }
  return { publish: publish.slice(1), final: final.slice(1) };
}

function rowOf(
  members: number,
  usages: readonly RoundUsage[],
  { final, publish }: { readonly publish: number[]; readonly final: number[] },
): Row {
  const seconds = sum(usages.map((usage) => usage.seconds));
  return {
    table: 'rounds of a coordinator process',
    contender: 'starling',
    case: `${members} registered, all selected`,
    figures: {
      roundSeconds: seconds / usages.length,
      cpuSeconds: sum(usages.map(({ cpuSeconds }) => cpuSeconds)) / usages.length,
      messagesPerSecond: sum(usages.map(({ messages }) => messages)) / seconds,
      sumAfterLastUpdateMs: sum(publish) / publish.length,
      versionAfterSumMs: sum(final) / final.length,
      peakMiBFirstRound: usages[0]?.peakMiB ?? 0,
      peakMiBLastRound: usages.at(-1)?.peakMiB ?? 0,
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
