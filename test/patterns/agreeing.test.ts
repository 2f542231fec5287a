import { DEFAULT_PATTERN_OPTIONS } from '@starling/peer';
import test from 'ava';
import { type ClusterSite, SITE_OPTIONS } from '../cluster/cluster-site.ts';
import { MemoryCluster } from '../cluster/memory-cluster.ts';
import { sampleDocuments } from '../cluster/sample-documents.ts';

/** A tenth of them are test queries and a tenth validate: enough to judge a pattern by. */
const DOCUMENTS = 500;

async function learn(cluster: MemoryCluster, { peer }: ClusterSite) {
  let isOver = false;
  const learning = peer.patterns.learnNow().finally(() => {
    isOver = true;
  });
  await cluster.until('a learning', () => isOver);
  return learning;
}

test('what a site learned becomes final by what others measured, and guides their searches', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 4 });
  await cluster.admitAll();
  for (const site of cluster.sites) {
    site.documents = sampleDocuments(site.name, DOCUMENTS);
    const patterns = { ...DEFAULT_PATTERN_OPTIONS, propose: true, rehearse: true, use: true };
    // So high that a width is needed which some queries do not need.
    site.options = { ...SITE_OPTIONS, indexRecallTarget: 1, patterns };
    await site.start();
  }
  await cluster.coordinator.planRounds(1, 4);
  await cluster.untilFinished();
  await cluster.until('an index of the last version everywhere', () =>
    cluster.sites.every(({ peer }) => peer.status().index?.version === 1),
  );
  let proposed = 0;
  for (const site of cluster.sites) proposed += (await learn(cluster, site)).candidates.length;
  t.true(proposed > 0);
  await cluster.until('a final pattern', () =>
    cluster.sites.every(({ peer }) => peer.patterns.status().final > 0),
  );
  const [pattern] = cluster.sites[0]?.peer.chain.patterns() ?? [];
  t.is(pattern?.stage, 'final');
  t.true((pattern?.verdicts.accepts ?? 0) >= 2);

  const users = cluster.sites.filter(({ peer }) => peer.patterns.vetoes.size === 0);
  t.true(users.length > 0);
  for (const { documents, peer } of users) {
    for (const { query } of documents.slice(0, 20)) await peer.search(query, 10);
    t.true(peer.patterns.status().guided > 0);
  }
});
