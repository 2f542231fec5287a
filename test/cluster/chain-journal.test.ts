// No member votes twice, whatever becomes of its disk; and a key that votes elsewhere is noticed.

import { sealMessage } from '@starling/crypto';
import { DOCUMENTS } from '@starling/rules';
import { type ChainVote, chainVote, type Digest, type PeerRecord } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { doubleVotes, untilDecided, votesIn } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const LOSSES = 'starling_peer_chain_journal_losses_total';

async function journalOf({ store }: ClusterSite): Promise<PeerRecord[]> {
  const records: PeerRecord[] = [];
  for await (const record of store.entries('consensus')) records.push(record);
  return records;
}

/** Puts another journal in the place of the site's own; none: it is lost. */
async function replaceJournal(site: ClusterSite, records: readonly PeerRecord[]): Promise<void> {
  const old = await journalOf(site);
  await site.store.write([
    ...old.map(({ key }) => ({ table: 'consensus' as const, key, value: undefined })),
    ...records.map(({ key, value }) => ({ table: 'consensus' as const, key, value })),
  ]);
}

/** Four sites of which two are muted: views pass, nothing is decided. */
async function undecided(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 4, wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 4);
  await cluster.until('everyone a voter', () =>
    cluster.sites.every(({ peer }) => peer.chain.status().standing === 'voter'),
  );
  const [site, , ...muted] = cluster.sites as [ClusterSite, ClusterSite, ...ClusterSite[]];
  for (const { transportId } of muted) wiretap.mute(transportId, 'consensus');
  const before = await journalOf(site);
  const letGo = () => {
    for (const { transportId } of muted) wiretap.unmute(transportId, 'consensus');
  };
  await cluster.until('votes of the site', () =>
    votesIn(wiretap.heard).some(({ member }) => member === site.identity.member),
  );
  await cluster.clock.advance(4_000);
  return { before, cluster, letGo, site, wiretap };
}

for (const what of ['deleted', 'rolled back'] as const) {
  test(`a site whose journal was ${what} does not vote twice`, async (t) => {
    const { before, cluster, letGo, site, wiretap } = await undecided(t);
    await site.stop();
    await replaceJournal(site, what === 'deleted' ? [] : before);
    await site.start();
    await cluster.clock.advance(4_000);
    letGo();
    await cluster.untilFinished();
    await untilDecided(cluster, 1);
    t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
    t.is(site.counted(LOSSES), 1);
    t.is(site.peer.chain.status().standing, 'voter');
  });
}

test('a site that starts over its own journal goes on with the very votes it cast', async (t) => {
  const { cluster, letGo, site, wiretap } = await undecided(t);
  await site.stop();
  await site.start();
  await cluster.clock.advance(4_000);
  letGo();
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
  t.is(site.counted(LOSSES), 0);
});

test('a site that cannot ask a quorum does not vote', async (t) => {
  const { cluster, site, wiretap } = await undecided(t);
  await site.stop();
  await replaceJournal(site, []);
  cluster.network.partition([cluster.node.transportId, site.transportId]);
  const heard = votesIn(wiretap.heard).filter(({ member }) => member === site.identity.member);
  await site.start();
  await cluster.clock.advance(10_000);
  const now = votesIn(wiretap.heard).filter(({ member }) => member === site.identity.member);
  t.is(now.length, heard.length);
  t.not(site.peer.chain.status().standing, 'voter');
});

test('a site whose key votes elsewhere too votes no more, and says so', async (t) => {
  const { cluster, site, wiretap } = await undecided(t);
  const { federation } = cluster;
  const { epoch, view } = site.peer.chain.status();
  const body: ChainVote = {
    block: 'ab'.repeat(32) as Digest,
    collection: DOCUMENTS,
    epoch,
    kind: 'notarize',
    view: view + 1,
  };
  const frame = sealMessage(site.identity, chainVote, { federation, body });
  await wiretap.deliver(site.transportId, 'consensus', frame);
  t.is(site.peer.chain.status().standing, 'twin');
  const before = votesIn(wiretap.heard).length;
  await cluster.clock.advance(10_000);
  const later = votesIn(wiretap.heard).slice(before);
  t.false(later.some(({ member, vote }) => member === site.identity.member && vote.view > view));
  t.is(site.counted('starling_peer_chain_twins_total'), 1);
});
