// How the chain begins: with the first round, once, told to all and shown to whoever asks.

import { openMessage, sealMessage } from '@starling/crypto';
import { DOCUMENTS, readFrame } from '@starling/rules';
import {
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_PROTOCOL,
  type ChainRequest,
  type ChainVote,
  chainAnswerSchema,
  chainGenesis,
  chainVote,
  type Digest,
  decodeCanonical,
  encodeCanonical,
  roundPlan,
} from '@starling/shared';
import test from 'ava';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const vote: ChainVote = {
  block: 'ab'.repeat(32) as Digest,
  collection: DOCUMENTS,
  epoch: 1,
  kind: 'notarize',
  view: 1,
};

test('the chain opens once, just before the first round and under its roster', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  const types = cluster.events().map(({ type }) => type);
  t.is(types.filter((type) => type === 'chain-opened').length, 1);
  t.is(types.indexOf('chain-opened') + 1, types.indexOf('cohort-selected'));
  t.is(types.indexOf('cohort-selected') + 1, types.indexOf('round-opened'));
  const { chain } = cluster.replay();
  const [plan] = cluster.events().flatMap((event) => {
    return event.type === 'round-opened' ? [readFrame(event.payload.plan, roundPlan).body] : [];
  });
  t.is(chain?.body.roster, plan?.roster);
});

test('the coordinator repeats how the chain began, and shows it to members that ask', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const { federation } = cluster;
  const keyOf = () => cluster.node.identity.publicKey;
  const told = wiretap.heard.filter(
    (bytes) => openMessage(bytes, chainGenesis, { federation, nowMs: 0, keyOf }).ok,
  );
  t.is(told.length, 1);
  const [site] = cluster.sites as [ClusterSite];
  const ask = async (request: ChainRequest) => {
    const bytes = encodeCanonical(request);
    const options = { answerBytesMax: CHAIN_ANSWER_BYTES_MAX };
    const { transportId } = cluster.node;
    const answer = await site.bus.request(transportId, CHAIN_PROTOCOL, bytes, options);
    const decoded = decodeCanonical(answer, CHAIN_ANSWER_BYTES_MAX);
    return chainAnswerSchema.parse(decoded.ok ? decoded.value : undefined);
  };
  t.deepEqual(await ask({ kind: 'genesis', collection: DOCUMENTS }), {
    outcome: 'genesis',
    frame: told[0] as Uint8Array,
  });
  t.like(await ask({ kind: 'genesis', collection: 'images' }), { outcome: 'unknown' });
  t.like(await ask({ kind: 'checkpoint', collection: DOCUMENTS }), { outcome: 'unknown' });
});

test('the coordinator passes on what members sign, and nothing else', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  const { federation, node } = cluster;
  const [site] = cluster.sites as [ClusterSite];
  const deliver = (bytes: Uint8Array) => wiretap.deliver(node.transportId, 'consensus', bytes);
  const seal = (identity: typeof site.identity, body: ChainVote) =>
    sealMessage(identity, chainVote, { federation, body });
  t.deepEqual(await deliver(seal(site.identity, vote)), { kind: 'accept' });
  t.like(await deliver(seal(identityOf('stranger'), vote)), { reason: 'unknown-sender' });
  t.like(await deliver(seal(node.identity, vote)), { reason: 'unknown-sender' });
  const elsewhere = { ...vote, collection: 'images' };
  t.like(await deliver(seal(site.identity, elsewhere)), { reason: 'unknown-plan' });
  const forged = seal(site.identity, vote);
  forged[forged.length >> 1] = (forged[forged.length >> 1] ?? 0) ^ 1;
  t.not((await deliver(forged)).kind, 'accept');
  t.like(await deliver(new Uint8Array(9)), { reason: 'malformed-cbor' });
});
