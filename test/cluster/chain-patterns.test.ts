// Patterns become final when enough members measured them; of two that conflict one does.

import { digestOf, encodeBody } from '@starling/crypto';
import { DOCUMENTS } from '@starling/rules';
import {
  type Digest,
  type Pattern,
  type PatternAttestation,
  settingProposal,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { blocksByHeight, untilDecided } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

function patternAt(component: number, expectedRecallMicros = 900_000): Pattern {
  return {
    centroid: new Uint8Array(8).fill(component),
    collection: DOCUMENTS,
    cost: 100,
    efSearch: 20,
    expectedRecallMicros,
    k: 10,
    queries: 80,
    radius: 500,
  };
}

function measured(proposal: Digest, verdict: PatternAttestation['verdict']): PatternAttestation {
  const accepts = verdict === 'accept';
  return {
    collection: DOCUMENTS,
    costRatioMicros: accepts ? 800_000 : 2_000_000,
    proposal,
    queries: verdict === 'abstain' ? 3 : 70,
    recallBoundMicros: accepts ? 930_000 : 100_000,
    recallMicros: accepts ? 950_000 : 200_000,
    verdict,
  };
}

async function withVerdicts(
  t: ExecutionContext,
  verdicts: readonly PatternAttestation['verdict'][],
): Promise<MemoryCluster> {
  const cluster = await MemoryCluster.found(t, { sites: verdicts.length });
  await cluster.admitAll();
  for (const [i, site] of cluster.sites.entries()) {
    site.evaluatePattern = async (id) => measured(id, verdicts[i] ?? 'abstain');
    await site.start();
  }
  await cluster.coordinator.planRounds(1, verdicts.length);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  return cluster;
}

const stageOf = ({ peer }: ClusterSite, id: Digest) =>
  peer.chain.patterns().find((pattern) => pattern.id === id)?.stage;

test('a pattern that enough members measured and accept is final everywhere', async (t) => {
  const cluster = await withVerdicts(t, ['accept', 'accept', 'accept', 'reject']);
  const [site] = cluster.sites as [ClusterSite];
  const id = await site.peer.chain.proposePattern(patternAt(20));
  await cluster.until('the pattern final', () =>
    cluster.sites.every((each) => stageOf(each, id) === 'final'),
  );
  const decision = site.peer.chain.decisions().at(-1);
  t.is(decision?.entries[0]?.id, id);
  t.is(decision?.finality, 'certificate');
  t.is(site.peer.patterns.status().final, 1);
});

test('a pattern that most members reject is not included', async (t) => {
  const cluster = await withVerdicts(t, ['accept', 'accept', 'reject', 'reject']);
  const [site] = cluster.sites as [ClusterSite];
  const id = await site.peer.chain.proposePattern(patternAt(20));
  await cluster.clock.advance(20_000);
  t.is(stageOf(site, id), 'proposed');
  t.is(site.peer.chain.status().height, 1);
});

test('of patterns that conflict exactly one is final, the same everywhere', async (t) => {
  const cluster = await withVerdicts(t, ['accept', 'accept', 'accept', 'accept', 'accept']);
  const proposers = cluster.sites.slice(0, 3);
  const ids = await Promise.all(
    proposers.map(({ peer }, i) => peer.chain.proposePattern(patternAt(20 + i))),
  );
  await cluster.until('one of them final', () =>
    cluster.sites.every((site) => ids.some((id) => stageOf(site, id) === 'final')),
  );
  await cluster.clock.advance(10_000);
  const finals = cluster.sites.map((site) => ids.filter((id) => stageOf(site, id) === 'final'));
  for (const final of finals) t.deepEqual(final, finals[0]);
  t.is(finals[0]?.length, 1);
  const polled = cluster.sites
    .flatMap(({ peer }) => peer.chain.decisions())
    .filter(({ poll }) => poll);
  t.true(polled.length > 0);
  for (const { poll } of polled) {
    t.true((poll?.rounds ?? 0) >= 1);
    t.is(poll?.k, 5);
  }
  for (const blocks of blocksByHeight(cluster.sites).values()) t.is(blocks.size, 1);
});

test('a setting changes when the members agree', async (t) => {
  const cluster = await withVerdicts(t, ['accept', 'accept', 'accept', 'accept']);
  const [first, ...others] = cluster.sites as [ClusterSite, ...ClusterSite[]];
  const id = await first.peer.chain.proposeSetting('gossip.degree', '8');
  await cluster.clock.advance(2_000);
  t.is(first.peer.chain.state?.settings.size, 0);
  for (const { peer } of others.slice(0, 2)) await peer.chain.approveSetting(id);
  await cluster.until('the setting', () =>
    cluster.sites.every(
      ({ peer }) => peer.chain.state?.settings.get('gossip.degree') !== undefined,
    ),
  );
  t.is(first.peer.chain.state?.settings.get('gossip.degree')?.record.value, '8');
});

test('approvals that are given before the setting arrives count as soon as it does', async (t) => {
  const cluster = await withVerdicts(t, ['accept', 'accept', 'accept', 'accept']);
  const [first, second, third, last] = cluster.sites as [ClusterSite, ...ClusterSite[]];
  // Nobody can be spared then: each of the three must count the approval it gave itself.
  await last?.close();
  const { member: author } = first.identity;
  for (const name of ['gossip.a', 'gossip.b', 'gossip.c', 'gossip.d']) {
    const body = { author, base: 0, collection: DOCUMENTS, name, value: '8' };
    const id = digestOf(encodeBody(settingProposal, body));
    for (const approving of [second, third]) await approving?.peer.chain.approveSetting(id);
    await cluster.clock.advance(3_000);
    t.is(await first.peer.chain.proposeSetting(name, '8'), id);
    await cluster.until(name, () =>
      [first, second, third].every((site) => site?.peer.chain.state?.settings.has(name)),
    );
  }
  t.is(first.peer.chain.state?.settings.size, 4);
});
