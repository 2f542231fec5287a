// Rules of the engine snow that are not safe for the members at hand: they open no chain, and where
// the members change until they are unsafe, certificates decide.

import { sealMessage } from '@starling/crypto';
import { chainGenesisFor } from '@starling/rules';
import { chainGenesis } from '@starling/shared';
import test from 'ava';
import { blocksByHeight, untilDecided } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { FIVE, SIX } from './snow-cluster.ts';
import { Wiretap } from './wiretap.ts';

function inEpoch(sites: readonly ClusterSite[], epoch: number): boolean {
  return sites.every(({ peer }) => peer.chain.status().epoch === epoch);
}

test('a coordinator opens no chain and no round while its rules are not safe', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 4, chainEngine: FIVE });
  await cluster.coordinator.planRounds(1, 4);
  const waitingFor = async () => (await cluster.coordinator.status()).waitingFor;
  await cluster.until('the refusal', async () => /chainEngine/.test(await waitingFor()));
  t.regex(await waitingFor(), /k = 5, alphaConfidence = 5: of 4 members.* at most 4 answer/);
  t.false(cluster.events().some(({ type }) => ['chain-opened', 'round-opened'].includes(type)));
  const fifth = cluster.newSite('fifth');
  t.teardown(() => fifth.stop());
  await fifth.join(cluster.coordinator.invite('fifth'));
  await fifth.start();
  await cluster.untilFinished();
  t.is(cluster.replay().chain?.body.rules.engine.kind, 'snow');
});

test('a site refuses a chain whose rules are not safe, with the number', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 4, wrapBus: wiretap.wrap });
  const [site] = cluster.sites as [ClusterSite];
  const { federation } = cluster;
  const content = { federation, body: chainGenesisFor(cluster.replay(), FIVE) };
  const frame = sealMessage(cluster.node.identity, chainGenesis, content);
  const verdict = await wiretap.deliver(site.transportId, 'control', frame);
  t.is(verdict.kind, 'accept');
  await cluster.until('the refusal', () => site.peer.chain.status().standing === 'halted');
  const { detail, engine, height } = site.peer.chain.status();
  t.regex(detail, /^unsafe rules: k = 5, alphaConfidence = 5: of 4 members/);
  t.like({ engine, height }, { engine: 'snow', height: 0 });
});

test('certificates decide an epoch with too few members, and polls the next one', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 6, chainEngine: SIX });
  await cluster.coordinator.planRounds(1, 6);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  const [gone, ...left] = cluster.sites as [ClusterSite, ...ClusterSite[]];
  await cluster.coordinator.revoke(gone.name, 'left the project');
  await cluster.until('an epoch of five', () => inEpoch(left, 2));
  await gone.stop();
  await cluster.coordinator.planRounds(2, 5);
  await untilDecided(cluster, 2, left);
  for (const { peer } of left) {
    t.is(peer.chain.status().engine, 'simplex');
    t.regex(peer.chain.status().detail, /^certificates decide this epoch: k = 6,.* of 5 members/);
    t.is(peer.chain.decisions().at(-1)?.finality, 'certificate');
  }
  const late = cluster.newSite('late');
  t.teardown(() => late.stop());
  await late.join(cluster.coordinator.invite('late'));
  await late.start();
  const all = [...left, late];
  await cluster.until('an epoch of six', () => inEpoch(all, 3));
  await cluster.coordinator.planRounds(3, 6);
  await untilDecided(cluster, 3, all);
  for (const { peer } of all) {
    t.like(peer.chain.status(), { engine: 'snow', detail: '' });
    t.is(peer.chain.decisions().at(-1)?.finality, 'metastable');
  }
  for (const blocks of blocksByHeight(all).values()) t.is(blocks.size, 1);
});
