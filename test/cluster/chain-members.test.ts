// The members of the chain change with the roster: a quorum of the old ones decides it.

import test from 'ava';
import { blocksByHeight, untilDecided, versionsOf } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

test('a site that joins later walks the chain and votes from the epoch that lists it', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 4 });
  await cluster.coordinator.planRounds(1, 4);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  const late = cluster.newSite('late');
  t.teardown(() => late.stop());
  await late.join(cluster.coordinator.invite('late'));
  await late.start();
  const all = [...cluster.sites, late];
  await cluster.until('an epoch of five', () =>
    all.every(({ peer }) => peer.chain.status().members.length === 5),
  );
  t.true(all.every(({ peer }) => peer.chain.status().epoch === 2));
  await cluster.until('its vote', () => late.peer.chain.status().standing === 'voter');
  await cluster.coordinator.planRounds(2, 5);
  await untilDecided(cluster, 2, all);
  t.deepEqual(versionsOf(late), [1, 2]);
  for (const blocks of blocksByHeight(all).values()) t.is(blocks.size, 1);
});

test('a revoked site has no vote in the next epoch', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 5 });
  await cluster.coordinator.planRounds(1, 5);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  const [gone, ...left] = cluster.sites as [ClusterSite, ...ClusterSite[]];
  await cluster.coordinator.revoke(gone.name, 'left the project');
  await gone.stop();
  await cluster.until('an epoch of four', () =>
    left.every(({ peer }) => peer.chain.status().members.length === 4),
  );
  for (const { peer } of left) {
    t.is(peer.chain.status().epoch, 2);
    t.false(peer.chain.status().members.includes(gone.identity.member));
  }
  const [entry] = left[0]?.peer.chain.decisions().at(-1)?.entries ?? [];
  t.is(entry?.kind, 'membership');
});
