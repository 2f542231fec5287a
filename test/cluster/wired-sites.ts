// Sites of a chain without the rest of a site: each on a libp2p bus of its own, over real TCP.

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
import { type ChainRules, chainGenesis, NO_LOGGER, Sequence } from '@starling/shared';
import type { ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

export interface WiredSite {
  readonly chain: SiteChain;
  readonly meter: PrometheusMeter;
}

export interface WiredOptions {
  readonly sites: number;
  readonly rules?: Partial<ChainRules>;
}

/** Sites that joined, the chain's beginning signed, all connected; none is started. */
export async function wiredSites(
  t: ExecutionContext,
  { rules = {}, sites: count }: WiredOptions,
): Promise<readonly WiredSite[]> {
  const cluster = await MemoryCluster.found(t, { sites: count });
  const keys = await Promise.all(cluster.sites.map(() => generateTransportKey()));
  for (const [i, site] of cluster.sites.entries()) {
    const key = keys[i]?.key;
    if (key !== undefined) site.channelKey = channelKeyOf(key);
  }
  await cluster.admitAll();
  const { federation, node } = cluster;
  const state = cluster.replay();
  const agreed = chainGenesisFor(state);
  const body = { ...agreed, rules: { ...agreed.rules, ...rules } };
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
  t.teardown(() => Promise.all(sites.map(({ chain }) => chain.stop())));
  for (const [i, bus] of buses.entries()) {
    for (const other of buses.slice(i + 1)) await bus.connect(other.addresses()[0] ?? '');
  }
  return sites;
}
