// What is done to a running federation in the middle of a round, and how long until it is well again.

import { changeConfig } from '../../process/faults/change-config.ts';
import type { FaultFederation } from '../../process/faults/fault-federation.ts';

const HOUR_MS = 3_600_000;
/** Below what envelopes allow a sender's clock to be ahead. */
const SKEW_MS = 25_000;
/** 4 Mbit/s and a round trip of 300 ms between a site and the coordinator. */
const SLOW = { bitsPerSecond: 4_000_000, delayMs: 150 };
const CUT_MS = 60_000;
const CUT_QUICK_MS = 10_000;

export interface FaultContext {
  readonly federation: FaultFederation;
  readonly isQuick: boolean;
}

export interface FaultCase {
  readonly name: string;
  readonly title: string;
  readonly isQuick: boolean;
  /** Opens rounds, breaks something, and mends it. @returns milliseconds until it is well again */
  run(context: FaultContext): Promise<number | undefined>;
}

export const FAULT_CASES: readonly FaultCase[] = [
  {
    name: 'none',
    title: 'no fault',
    isQuick: true,
    run: async ({ federation }) => {
      await federation.openRound();
      await federation.finished();
      return undefined;
    },
  },
  {
    name: 'leader',
    title: 'kill -9 of the leading coordinator',
    isQuick: true,
    run: killLeader,
  },
  {
    name: 'nats-leader',
    title: "kill -9 of the log's NATS leader",
    isQuick: true,
    run: killNatsLeader,
  },
  {
    name: 'two-sites',
    title: 'kill -9 of two sites, back before the deadline',
    isQuick: true,
    run: killTwoSites,
  },
  { name: 'cut-off', title: 'a site cut off, then back', isQuick: true, run: cutOff },
  { name: 'slow', title: 'all sites at 4 Mbit/s and 300 ms', isQuick: false, run: slowLinks },
  { name: 'skew', title: 'clocks 25 s fast and 25 s slow', isQuick: false, run: skewedClocks },
  { name: 'clock', title: 'a clock an hour slow, then right', isQuick: false, run: wrongClock },
  { name: 'disk', title: "a site's disk full, then space again", isQuick: true, run: fullDisk },
  { name: 'rolling', title: 'everything restarted in turn', isQuick: false, run: rollingRestart },
];

async function killLeader({ federation }: FaultContext): Promise<number> {
  await federation.openRound();
  const leader = await federation.until('one leads', () => federation.leader());
  const startedMs = performance.now();
  await leader.kill();
  await federation.until('the other leads', () => federation.leader());
  const tookMs = performance.now() - startedMs;
  await federation.finished();
  await leader.start();
  return tookMs;
}

/** Well again is when the log takes the next event. */
async function killNatsLeader({ federation }: FaultContext): Promise<number> {
  const { nats, stream, watch } = federation;
  await federation.openRound();
  const leader = await federation.until('a server leads', () => nats.leaderOf(stream));
  const startedMs = performance.now();
  await leader.kill();
  const { head } = (await watch.look()).state;
  await federation.until('the log grows', async () => {
    return (await watch.look()).state.head > head || undefined;
  });
  const tookMs = performance.now() - startedMs;
  await federation.finished();
  await leader.resume();
  return tookMs;
}

async function killTwoSites({ federation }: FaultContext): Promise<number> {
  await federation.openRound();
  const killed = federation.names.slice(-2).map((name) => federation.process(name));
  const startedMs = performance.now();
  await Promise.all(killed.map((site) => site.kill()));
  await Promise.all(killed.map((site) => site.start()));
  await federation.registered(killed.map(({ name }) => name));
  const tookMs = performance.now() - startedMs;
  await federation.finished();
  return tookMs;
}

/** The others finish without it; well again is when it has their model. */
async function cutOff({ federation, isQuick }: FaultContext): Promise<number> {
  const name = federation.names.at(-1) ?? '';
  const link = federation.network.link(name);
  await federation.openRound();
  link.cut();
  const cutMs = performance.now();
  await federation.finished();
  const leftMs = cutMs + (isQuick ? CUT_QUICK_MS : CUT_MS) - performance.now();
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, leftMs)));
  const startedMs = performance.now();
  link.mend();
  await federation.caughtUp([name]);
  return performance.now() - startedMs;
}

async function slowLinks({ federation }: FaultContext): Promise<undefined> {
  const links = federation.names.map((name) => federation.network.link(name));
  for (const link of links) link.slow(SLOW);
  await federation.openRound();
  await federation.finished();
  await federation.caughtUp();
  for (const link of links) link.mend();
}

async function skewedClocks({ federation }: FaultContext): Promise<undefined> {
  const [fast = '', slow = ''] = federation.names;
  await setClock(federation, fast, SKEW_MS);
  await setClock(federation, slow, -SKEW_MS);
  await federation.registered([fast, slow]);
  await federation.openRound();
  await federation.finished();
  await federation.caughtUp();
  for (const name of [fast, slow]) await setClock(federation, name, 0);
}

/** Its messages have expired before they arrive: the others go on without it until it is right. */
async function wrongClock({ federation }: FaultContext): Promise<number> {
  const name = federation.names.at(-1) ?? '';
  await federation.openRound();
  await setClock(federation, name, -HOUR_MS);
  await federation.finished();
  const startedMs = performance.now();
  await setClock(federation, name, 0);
  await federation.caughtUp([name]);
  return performance.now() - startedMs;
}

async function fullDisk({ federation }: FaultContext): Promise<number> {
  const { smallDisk } = federation;
  if (smallDisk === undefined) throw new Error('no small disk');
  smallDisk.disk.fill();
  await federation.openRound();
  await federation.finished();
  const startedMs = performance.now();
  smallDisk.disk.empty();
  const site = federation.process(smallDisk.site);
  // Whoever cannot write may stop; an operator starts it again.
  if (site.pid === undefined) await site.start();
  await federation.caughtUp([smallDisk.site]);
  return performance.now() - startedMs;
}

/**
 * NATS servers, then coordinators, then one site in each round: a session of five goes on without one
 * of them, and a site that was restarted takes no part in a session of before.
 */
async function rollingRestart({ federation }: FaultContext): Promise<number> {
  await federation.openRound(2 + federation.names.length);
  const startedMs = performance.now();
  for (const server of federation.nats.servers) {
    await server.kill();
    await server.resume();
    await federation.logWhole();
  }
  for (const process of federation.coordinators) {
    await process.restart();
    await federation.until('one leads', () => federation.leader());
  }
  for (const name of federation.names) {
    await federation.nextRound();
    await federation.process(name).restart();
    await federation.registered([name]);
  }
  const tookMs = performance.now() - startedMs;
  await federation.finished();
  return tookMs;
}

async function setClock(
  federation: FaultFederation,
  name: string,
  clockOffsetMs: number,
): Promise<void> {
  const site = federation.process(name);
  await changeConfig(site.home, { clockOffsetMs });
  await site.restart();
}
