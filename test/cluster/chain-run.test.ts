// Every model version gets its one place in the chain, all sites hold the same chain, and faults on
// the way change neither.

import test, { type ExecutionContext } from 'ava';
import { blocksByHeight, doubleVotes, untilDecided, versionsOf, votesIn } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

function assertOneChain(t: ExecutionContext, sites: readonly ClusterSite[]): void {
  for (const [height, blocks] of blocksByHeight(sites)) t.is(blocks.size, 1, `height ${height}`);
  const heights = new Set(sites.map(({ peer }) => peer.chain.status().height));
  const roots = new Set(sites.map(({ peer }) => peer.chain.status().stateRoot));
  t.is(heights.size, 1);
  t.is(roots.size, 1);
}

test('five sites finalise every model version in the chain, in order', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 5, wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(2, 5);
  await cluster.untilFinished();
  await untilDecided(cluster, 2);
  const [first] = cluster.sites as [ClusterSite];
  const decisions = first.peer.chain.decisions();
  t.deepEqual(
    decisions.flatMap(({ entries }) => entries.map(({ summary }) => summary)),
    ['model encoder 1 on 0', 'model encoder 2 on 1'],
  );
  const last = decisions.at(-1);
  t.is(last?.finality, 'certificate');
  t.true((last?.signers.length ?? 0) >= 4);
  t.true((last?.certificateBytes ?? 0) > 4 * 3309);
  assertOneChain(t, cluster.sites);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
  t.like(first.peer.chain.status(), {
    standing: 'voter',
    epoch: 1,
    quorum: 4,
    tolerance: 'five members: one crash and one liar',
  });
});

test('a chain without anything to decide is silent', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  await cluster.clock.advance(2_000);
  const before = votesIn(wiretap.heard).length;
  await cluster.clock.advance(60_000);
  t.is(votesIn(wiretap.heard).length, before);
  t.false(cluster.sites.some(({ peer }) => peer.chain.status().isUndecided));
});

test('versions are final while every fifth gossip delivery is lost', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, {
    sites: 4,
    gossipLoss: 0.2,
    wrapBus: wiretap.wrap,
  });
  await cluster.coordinator.planRounds(2, 4);
  await cluster.untilFinished();
  await untilDecided(cluster, 2);
  assertOneChain(t, cluster.sites);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
});

test('the leader may be killed in its own view and started again', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 4, wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 4);
  await cluster.until('everyone a voter', () =>
    cluster.sites.every(({ peer }) => peer.chain.status().standing === 'voter'),
  );
  const [any] = cluster.sites as [ClusterSite];
  const { leader } = any.peer.chain.status();
  const led = cluster.sites.find(({ identity }) => identity.member === leader) ?? any;
  wiretap.mute(led.transportId, 'consensus');
  await cluster.until('the leader’s vote on its disk', async () => {
    for await (const { key } of led.store.entries('consensus'))
      if (key.includes('/vote/')) return true;
    return false;
  });
  await led.stop();
  wiretap.unmute(led.transportId, 'consensus');
  const others = cluster.sites.filter((site) => site !== led);
  await untilDecided(cluster, 1, others);
  await led.start();
  await untilDecided(cluster, 1);
  assertOneChain(t, cluster.sites);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
});

test('a site that was away catches up with the decided blocks and their certificates', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 4 });
  const away = cluster.sites[3] as ClusterSite;
  await cluster.coordinator.planRounds(3, 4);
  await untilDecided(cluster, 1);
  await away.stop();
  await cluster.untilFinished();
  await untilDecided(cluster, 3, cluster.sites.slice(0, 3));
  await away.start();
  await untilDecided(cluster, 3);
  t.deepEqual(versionsOf(away), [1, 2, 3]);
  assertOneChain(t, cluster.sites);
});

test('a partition without a quorum on any side decides nothing, and heals', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 4, wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 4);
  await cluster.untilEvent('version-finalised');
  const ids = [cluster.node, ...cluster.sites].map(({ transportId }) => transportId);
  cluster.network.partition(ids.slice(0, 3), ids.slice(3));
  await cluster.clock.advance(20_000);
  const decided = cluster.sites.filter(({ peer }) => peer.chain.status().height > 0).length;
  cluster.network.heal();
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  t.true(decided === 0 || decided >= 3);
  assertOneChain(t, cluster.sites);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
});
