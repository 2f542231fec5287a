// Sites whose chain is decided by polls: one order for all, certificates where polls are stuck, and
// nothing said twice that may be said once.

import { CERTIFICATE_BLOCKS } from '@starling/consensus';
import { readFrame, typeOfFrame } from '@starling/rules';
import { type ChainEngine, chainStall } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { blocksByHeight, doubleVotes, untilDecided, votesIn } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

/** Everybody is asked; bounds for these numbers of members are 0. */
const FIVE: ChainEngine = {
  kind: 'snow',
  byzantineMicros: 0,
  parameters: { k: 5, alphaPreference: 3, alphaConfidence: 5, beta: 1 },
  targetExponent: 15,
};
const SEVEN: ChainEngine = {
  kind: 'snow',
  byzantineMicros: 150_000,
  parameters: { k: 7, alphaPreference: 4, alphaConfidence: 6, beta: 1 },
  targetExponent: 15,
};

function assertOneChain(t: ExecutionContext, sites: readonly ClusterSite[]): void {
  for (const [height, blocks] of blocksByHeight(sites)) t.is(blocks.size, 1, `height ${height}`);
  t.is(new Set(sites.map(({ peer }) => peer.chain.status().height)).size, 1);
  t.is(new Set(sites.map(({ peer }) => peer.chain.status().stateRoot)).size, 1);
}

/** Members that signed two starting votes for one era. */
function doubleStarts(heard: readonly Uint8Array[]): string[] {
  const said = new Map<string, string>();
  const twice: string[] = [];
  for (const bytes of heard) {
    if (typeIn(bytes) !== chainStall.type) continue;
    const { body, sender } = readFrame(bytes, chainStall);
    if (body.start === null) continue;
    const key = `${sender} ${body.era}`;
    const what = Buffer.from(body.start.chain).toString('hex');
    if ((said.get(key) ?? what) !== what) twice.push(key);
    said.set(key, what);
  }
  return twice;
}

function typeIn(bytes: Uint8Array): string | undefined {
  try {
    return typeOfFrame(bytes);
  } catch {
    return undefined;
  }
}

async function untilVoters(cluster: MemoryCluster): Promise<void> {
  await cluster.until('everyone a voter', () =>
    cluster.sites.every(({ peer }) => peer.chain.status().standing === 'voter'),
  );
}

function hasSetting({ peer }: ClusterSite, name: string): boolean {
  return peer.chain.settings().some((each) => each.name === name && each.status === 'final');
}

/** A starting vote is on the site's disk. */
async function hasHalted({ store }: ClusterSite): Promise<boolean> {
  for await (const { key } of store.entries('consensus')) if (key.includes('/start/')) return true;
  return false;
}

/** A setting that every running site agrees with. */
async function propose(sites: readonly ClusterSite[], name: string): Promise<void> {
  const [first, ...others] = sites as [ClusterSite, ...ClusterSite[]];
  const id = await first.peer.chain.proposeSetting(name, 'on');
  for (const { peer } of others) await peer.chain.approveSetting(id);
}

test('five sites decide every model version by polls, in one order and to one root', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, {
    sites: 5,
    chainEngine: FIVE,
    wrapBus: wiretap.wrap,
  });
  await cluster.coordinator.planRounds(2, 5);
  await cluster.untilFinished();
  await untilDecided(cluster, 2);
  const [first] = cluster.sites as [ClusterSite];
  const decisions = first.peer.chain.decisions();
  t.deepEqual(
    decisions.flatMap(({ entries }) => entries.map(({ summary }) => summary)),
    ['model encoder 1 on 0', 'model encoder 2 on 1'],
  );
  t.like(decisions.at(-1), { finality: 'metastable', polled: { k: 5 }, certificateBytes: 0 });
  t.like(first.peer.chain.status(), { engine: 'snow', standing: 'voter', epoch: 1 });
  t.regex(first.peer.chain.status().tolerance, /metastably/);
  assertOneChain(t, cluster.sites);
  t.deepEqual(votesIn(wiretap.heard), []);
});

test('a stall ends in a certificate era and comes back to polls', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, {
    sites: 7,
    chainEngine: SEVEN,
    wrapBus: wiretap.wrap,
  });
  await cluster.coordinator.planRounds(1, 7);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  await untilVoters(cluster);
  const ids = [cluster.node, ...cluster.sites].map(({ transportId }) => transportId);
  const here = cluster.sites.slice(0, 5);
  cluster.network.partition(ids.slice(0, 6), ids.slice(6));
  await propose(here, 'stalled');
  await cluster.until('a starting vote on five disks', async () => {
    const halted = await Promise.all(here.map(hasHalted));
    return halted.every(Boolean);
  });
  t.false(here.some((site) => hasSetting(site, 'stalled')));
  // One that halted is started again over its own journal.
  const again = here[1] as ClusterSite;
  await again.stop();
  await again.start();
  cluster.network.heal();
  await cluster.until('decided by certificates', () =>
    cluster.sites.every((site) => site.isRunning && hasSetting(site, 'stalled')),
  );
  for (let i = 0; i < 9; i++) {
    await propose(cluster.sites, `name${i}`);
    await cluster.until(`setting ${i}`, () =>
      cluster.sites.every((site) => hasSetting(site, `name${i}`)),
    );
  }
  const finalities = (here[0] as ClusterSite).peer.chain
    .decisions()
    .map(({ finality }) => finality);
  t.is(finalities[0], 'metastable');
  t.is(finalities.at(-1), 'metastable');
  t.true(finalities.filter((each) => each === 'certificate').length >= CERTIFICATE_BLOCKS);
  assertOneChain(t, cluster.sites);
  t.deepEqual(doubleStarts(wiretap.heard), []);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
});
