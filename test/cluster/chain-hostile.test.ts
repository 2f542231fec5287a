// Bad input about the chain is refused with a reason and changes nothing; a member that contradicts
// itself is shown to everyone.

import { sealMessage } from '@starling/crypto';
import { DOCUMENTS, readFrame, typeOfFrame } from '@starling/rules';
import {
  type BodyOf,
  type ChainBlock,
  type ChainVote,
  chainBlock,
  chainEvidence,
  chainVote,
  type Digest,
  type Pattern,
  patternProposal,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { untilDecided } from './chain-cluster.ts';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

async function decided(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 4, wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 4);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  await cluster.clock.advance(1_000);
  const [site, other] = cluster.sites as [ClusterSite, ClusterSite];
  const { federation } = cluster;
  const { epoch, view } = site.peer.chain.status();
  const vote: ChainVote = {
    block: 'ab'.repeat(32) as Digest,
    collection: DOCUMENTS,
    epoch,
    kind: 'notarize',
    view,
  };
  const reasonOf = async (frame: Uint8Array): Promise<string> => {
    const verdict = await wiretap.deliver(site.transportId, 'consensus', frame);
    return verdict.kind === 'accept' ? 'accept' : verdict.reason;
  };
  const voteOf = (changes: Partial<ChainVote>, by = other.identity) =>
    sealMessage(by, chainVote, { federation, body: { ...vote, ...changes } });
  const blocks = wiretap.heard
    .filter((bytes) => bytes.length > 1000)
    .flatMap((bytes) => {
      try {
        return typeOfFrame(bytes) === chainBlock.type ? [readFrame(bytes, chainBlock)] : [];
      } catch {
        return [];
      }
    });
  return { blocks, cluster, federation, other, reasonOf, site, view, vote, voteOf, wiretap };
}

test('votes of strangers, of other epochs and of views far off are refused', async (t) => {
  const { reasonOf, site, view, voteOf } = await decided(t);
  t.is(await reasonOf(voteOf({}, identityOf('stranger'))), 'unknown-sender');
  t.is(await reasonOf(voteOf({ epoch: 9 })), 'future-epoch');
  t.is(await reasonOf(voteOf({ view: view + 500 })), 'future-round');
  t.is(await reasonOf(voteOf({ collection: 'images' })), 'unknown-plan');
  const frame = voteOf({});
  t.is(await reasonOf(frame), 'accept');
  t.is(await reasonOf(frame), 'duplicate');
  t.true(site.counted('starling_peer_chain_messages_total', { outcome: 'future-epoch' }) === 1);
});

test('votes for more unknown blocks than a view has room for are refused', async (t) => {
  const { cluster, reasonOf, view, voteOf } = await decided(t);
  const members = cluster.sites.slice(1).map(({ identity }) => identity);
  const reasons: string[] = [];
  for (const [i, member] of members.entries()) {
    for (const kind of ['notarize', 'finalize'] as const) {
      for (const ahead of [1, 2, 3]) {
        const block = `${i}${ahead}`.padStart(64, '0') as Digest;
        reasons.push(await reasonOf(voteOf({ block, kind, view: view + ahead }, member)));
      }
    }
  }
  t.deepEqual(new Set(reasons), new Set(['accept']));
  const { chain } = (cluster.sites[0] as ClusterSite).peer;
  t.is(chain.status().height, 1);
});

test('blocks of the wrong height, leader, shape or size are refused', async (t) => {
  const { blocks, federation, other, reasonOf, site, view } = await decided(t);
  const [first] = blocks;
  if (first === undefined) return t.fail('no block was heard');
  const tip = site.peer.chain.status();
  const template: ChainBlock = {
    ...first.body,
    entries: [],
    height: tip.height + 1,
    leader: other.identity.member,
    parent: tip.block as Digest,
    parentView: site.peer.chain.state?.tip.view ?? 0,
    view,
  };
  const seal = (changes: Partial<ChainBlock>, by = other.identity) =>
    sealMessage(by, chainBlock, { federation, body: { ...template, ...changes } });
  t.is(await reasonOf(seal({ leader: site.identity.member })), 'not-permitted');
  const views = Array.from({ length: 8 }, (_, i) => view + i);
  const reasons = await Promise.all(
    views.map((each) => reasonOf(seal({ view: each, height: 99 }))),
  );
  t.true(reasons.includes('wrong-height'), reasons.join());
  t.true(reasons.includes('not-permitted'), reasons.join());
  t.is(await reasonOf(seal({ epoch: 7 })), 'future-epoch');
  t.is(await reasonOf(seal({ parentView: 0, view: 1 })), 'stale-round');
  t.is(await reasonOf(new Uint8Array(600 * 1024)), 'oversized');
  t.is(site.peer.chain.status().height, 1);
});

test('a pattern with an impossible bound, or of the wrong dimension, is refused', async (t) => {
  const { federation, other, reasonOf, site } = await decided(t);
  const pattern: Pattern = {
    centroid: new Uint8Array(8).fill(3),
    collection: DOCUMENTS,
    cost: 100,
    efSearch: 20,
    expectedRecallMicros: 950_000,
    k: 10,
    queries: 60,
    radius: 500,
  };
  const seal = (changes: Partial<Pattern>, author = other.identity.member) => {
    const body = {
      author,
      height: 1,
      parents: [],
      pattern: { ...pattern, ...changes },
      supersedes: [],
    };
    return sealMessage(other.identity, patternProposal, { federation, body });
  };
  t.is(await reasonOf(seal({ queries: 3 })), 'impossible-bound');
  t.is(await reasonOf(seal({ k: 30 })), 'impossible-bound');
  t.is(await reasonOf(seal({ centroid: new Uint8Array(5) })), 'wrong-dimension');
  t.is(await reasonOf(seal({ collection: 'images' })), 'unknown-plan');
  t.is(await reasonOf(seal({}, site.identity.member)), 'not-permitted');
  t.is(await reasonOf(seal({})), 'accept');
  t.is(await reasonOf(seal({})), 'duplicate');
  const many = Array.from({ length: 12 }, (_, i) => seal({ cost: 200 + i }));
  const reasons = await Promise.all(many.map(reasonOf));
  t.true(reasons.includes('busy'));
  t.true((site.peer.chain.status().pool['pattern'] ?? 0) <= 8);
});

test('evidence against a member that voted twice reaches everyone, and it leads no more', async (t) => {
  const { cluster, other, view, voteOf } = await decided(t);
  for (const block of ['11', '22']) {
    const frame = voteOf({ block: block.repeat(32) as Digest, view: view + 1 });
    await other.bus.publish('consensus', frame);
  }
  const honest = cluster.sites.filter((each) => each !== other);
  await cluster.until('evidence everywhere', () =>
    cluster.sites.every(({ peer }) => peer.chain.evidence().length === 1),
  );
  for (const { peer } of honest) {
    t.like(peer.chain.evidence()[0], {
      member: other.identity.member,
      kind: 'conflicting-notarize',
    });
    t.deepEqual(peer.chain.status().contradicted, [other.identity.member]);
  }
  const [restarted] = honest as [ClusterSite];
  await restarted.stop();
  await restarted.start();
  await cluster.until('the chain open again', () => restarted.peer.chain.status().epoch === 1);
  t.is(restarted.peer.chain.evidence().length, 1);
});

test('evidence that proves nothing is refused', async (t) => {
  const { federation, other, reasonOf, voteOf } = await decided(t);
  const seal = (first: Uint8Array, second: Uint8Array) => {
    const body: BodyOf<typeof chainEvidence> = { collection: DOCUMENTS, first, second };
    return sealMessage(other.identity, chainEvidence, { federation, body });
  };
  const vote = voteOf({});
  t.is(await reasonOf(seal(vote, vote)), 'wrong-shape');
  t.is(await reasonOf(seal(vote, voteOf({ block: null, kind: 'nullify' }))), 'wrong-shape');
  const forged = voteOf({ block: '33'.repeat(32) as Digest });
  forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
  t.is(await reasonOf(seal(vote, forged)), 'bad-signature');
  t.not(await reasonOf(seal(vote, new Uint8Array(7))), 'accept');
});
