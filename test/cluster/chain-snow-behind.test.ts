// Members that are further behind than blocks without certificates are walked over one by one.

import test from 'ava';
import { untilDecided } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { assertOneChain, hasSetting, propose, SIX, untilVoters } from './snow-cluster.ts';

const BLOCKS = 64;

test('a site that missed more blocks than it may walk is served runs under certificates', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 6, chainEngine: SIX });
  await cluster.coordinator.planRounds(1, 6);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  await untilVoters(cluster);
  const [away, ...left] = cluster.sites as [ClusterSite, ...ClusterSite[]];
  await away.stop();
  for (let i = 0; i < BLOCKS; i++) {
    await propose(left, `name${i}`);
    await cluster.until(`setting ${i}`, () => left.every((site) => hasSetting(site, `name${i}`)));
  }
  const behind = left[0]?.peer.chain.status().height ?? 0;
  t.true(behind > BLOCKS);
  await away.start();
  await cluster.until('it has caught up', () => away.peer.chain.status().height >= behind);
  await propose(cluster.sites, 'last');
  await cluster.until('the last', () => cluster.sites.every((site) => hasSetting(site, 'last')));
  assertOneChain(t, cluster.sites);
});
