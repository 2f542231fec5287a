// The chain over real TCP: what four sites decide by gossip, requests and threads that verify.

import {
  channelKeyOf,
  generateTransportKey,
  PrometheusMeter,
  SystemClock,
  startLibp2pBus,
} from '@starling/adapters';
import { DurableReplayWindow, openMessage, sealMessage } from '@starling/crypto';
import { ChainBeginning, SiteChain, SiteMembership } from '@starling/peer';
import { chainGenesisFor } from '@starling/rules';
import { chainGenesis, NO_LOGGER, Sequence } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

interface WiredSite {
  readonly chain: SiteChain;
  readonly meter: PrometheusMeter;
}

/** Sites that joined, their chain beginning signed, each on a bus of its own. */
async function wired(t: ExecutionContext, count: number): Promise<readonly WiredSite[]> {
  const cluster = await MemoryCluster.found(t, { sites: count });
  const keys = await Promise.all(cluster.sites.map(() => generateTransportKey()));
  for (const [i, site] of cluster.sites.entries()) {
    const key = keys[i]?.key;
    if (key !== undefined) site.channelKey = channelKeyOf(key);
  }
  await cluster.admitAll();
  const { federation, node } = cluster;
  const state = cluster.replay();
  const body = chainGenesisFor(state);
  const frame = sealMessage(node.identity, chainGenesis, { federation, body });
  const buses = await Promise.all(
    keys.map(({ key }) =>
      startLibp2pBus({ privateKey: key, topicPrefix: 'wire', listen: ['/ip4/127.0.0.1/tcp/0'] }),
    ),
  );
  t.teardown(() => Promise.all(buses.map((bus) => bus.stop())));
  const clock = new SystemClock();
  const start = async ({ identity, store }: ClusterSite, i: number): Promise<WiredSite> => {
    const membership = await SiteMembership.load(store);
    for (const roster of state.rosterFrames.values()) await membership.offer(roster, clock.nowMs());
    const chain = await ChainBeginning.open(store);
    const opened = openMessage(frame, chainGenesis, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: () => node.identity.publicKey,
    });
    const bus = buses[i];
    if (!opened.ok || bus === undefined) throw new Error('the chain has no beginning');
    await chain.take(opened.value, frame);
    const sequence = await Sequence.open(clock, store);
    const replays = await DurableReplayWindow.open(store);
    const meter = new PrometheusMeter();
    const world = { bus, clock, identity, logger: NO_LOGGER, meter, store };
    const parts = { chain, membership, replays, sequence };
    return { chain: new SiteChain(world, parts, { repeatMs: 500, modelVersion: () => 0 }), meter };
  };
  const sites = await Promise.all(cluster.sites.map(start));
  for (const { chain } of sites) chain.start();
  t.teardown(() => Promise.all(sites.map(({ chain }) => chain.stop())));
  for (const [i, bus] of buses.entries()) {
    for (const other of buses.slice(i + 1)) await bus.connect(other.addresses()[0] ?? '');
  }
  return sites;
}

function untilSet({ chain }: WiredSite, name: string): Promise<void> {
  return new Promise((resolve) => {
    const cancel = chain.onDecided(() => {
      if (!chain.state?.settings.has(name)) return;
      cancel();
      resolve();
    });
  });
}

test('four sites decide settings over libp2p, one after the other', async (t) => {
  t.timeout(60_000);
  const sites = await wired(t, 4);
  const [first, ...others] = sites as [WiredSite, ...WiredSite[]];
  await first.chain.tick();
  for (const name of ['a.first', 'b.second']) {
    const decided = Promise.all(sites.map((site) => untilSet(site, name)));
    const id = await first.chain.proposeSetting(name, 'on');
    for (const { chain } of others) {
      await chain.tick();
      await chain.approveSetting(id);
    }
    await decided;
  }
  const roots = new Set(sites.map(({ chain }) => chain.status().stateRoot));
  t.is(roots.size, 1);
  for (const { chain } of sites) t.true(chain.status().height >= 2);
  const last = first.chain.decisions().at(-1);
  t.true((last?.signers.length ?? 0) >= 3);
});
