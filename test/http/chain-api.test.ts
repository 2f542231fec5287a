// What the members decided, and what privacy cost them, as operators read it.

import { DOCUMENTS } from '@starling/rules';
import type { ChainAnswer, ChainPatternsView, MeshView, PrivacyView } from '@starling/runtime';
import type { Digest, PatternAttestation } from '@starling/shared';
import test from 'ava';
import { untilDecided } from '../cluster/chain-cluster.ts';
import type { ClusterSite } from '../cluster/cluster-site.ts';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { operatorsOf } from './operator-cluster.ts';

const accepted = (proposal: Digest): PatternAttestation => ({
  collection: DOCUMENTS,
  costRatioMicros: 800_000,
  proposal,
  queries: 70,
  recallBoundMicros: 930_000,
  recallMicros: 950_000,
  verdict: 'accept',
});

test('an operator reads chain, patterns, privacy and mesh of a federation that works', async (t) => {
  const cluster = await MemoryCluster.found(t);
  await cluster.admitAll();
  for (const site of cluster.sites) {
    site.evaluatePattern = async (id) => accepted(id);
    await site.start();
  }
  const { ask, tokenOf } = await operatorsOf(t, cluster);
  const token = await tokenOf('read', 'reader');
  const get = async <T>(path: string) => (await ask(`/api/v1${path}`, token)).body as unknown as T;
  t.is((await get<ChainAnswer>('/chain')).chain, null, 'it opens with the first round');
  t.deepEqual(await get<ChainPatternsView>('/patterns'), { patterns: [] });

  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  const [site] = cluster.sites as [ClusterSite];
  const id = await site.peer.chain.proposePattern({
    centroid: new Uint8Array(8).fill(20),
    collection: DOCUMENTS,
    cost: 100,
    efSearch: 20,
    expectedRecallMicros: 900_000,
    k: 10,
    queries: 80,
    radius: 500,
  });
  // Asked at every step, the API would say that it is asked too often.
  await cluster.until('the pattern final', () => {
    const known = cluster.coordinator.observedChain()?.patterns ?? [];
    return known.some((pattern) => pattern.id === id && pattern.status === 'final');
  });
  const { patterns } = await get<ChainPatternsView>('/patterns');
  t.true((patterns[0]?.attestations.length ?? 0) >= 3);
  t.like((await get<ChainAnswer>('/chain')).chain, { engine: 'simplex', height: 2, version: 1 });

  await cluster.until('reports', () => {
    const { members } = cluster.coordinator.desk;
    return members.every(({ report }) => report?.privacy?.roundsWithoutBound === 1);
  });
  const { sites } = await get<PrivacyView>('/privacy');
  t.true(sites.every(({ privacy }) => privacy?.roundsWithoutBound === 1));
  const { links, nodes } = await get<MeshView>('/mesh');
  t.is(nodes.length, 4);
  t.is(links.length, 6, 'everyone with everyone, each link once');
  t.true(links.every(({ from, mesh, to }) => mesh && from < to));
});
