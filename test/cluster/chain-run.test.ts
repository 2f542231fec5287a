// Every model version gets its one place in the chain, and all sites hold the same chain.

import test from 'ava';
import { MemoryCluster } from './memory-cluster.ts';

test('five sites finalise every model version in the chain, in order', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 5 });
  await cluster.coordinator.planRounds(3, 5);
  await cluster.untilFinished();
  await cluster.until('three versions in every chain', () => {
    return cluster.sites.every(({ peer }) => peer.chain.state?.models.size === 3);
  });
  const [first] = cluster.sites;
  const entries = first?.peer.chain.decisions().flatMap(({ entries }) => entries) ?? [];
  t.deepEqual(
    entries.map(({ summary }) => summary),
    ['model encoder 1 on 0', 'model encoder 2 on 1', 'model encoder 3 on 2'],
  );
  const roots = new Set(cluster.sites.map(({ peer }) => peer.chain.status().stateRoot));
  t.is(roots.size, 1);
});
