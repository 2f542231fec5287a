// A member that breaks the rules: each breach has its reason, costs its author, and stops nobody.

import { digestOf } from '@starling/crypto';
import type { FederationId, RefusalReason, TransportId } from '@starling/shared';
import {
  encodeCanonical,
  equalBytes,
  modelUpdate,
  modelVote,
  signingContext,
} from '@starling/shared';
import { parameterCount } from '@starling/training';
import test, { type ExecutionContext } from 'ava';
import type { WrapBus } from './cluster-node.ts';
import { HostileMember } from './hostile-member.ts';
import { MemoryCluster, TASK } from './memory-cluster.ts';
import { passing } from './passing-bus.ts';

const ELEMENTS = parameterCount(TASK.encoder);
const digest = digestOf(Uint8Array.of(1));
const otherFederation = 'ab'.repeat(32) as FederationId;

/** Three honest sites, a hostile member, and the first round open. */
async function withHostile(t: ExecutionContext, rounds = 1, wrapBus: WrapBus = (bus) => bus) {
  const cluster = await MemoryCluster.start(t, { wrapBus });
  const hostile = await HostileMember.join(cluster);
  t.teardown(() => hostile.close());
  await cluster.coordinator.planRounds(rounds, 4);
  await hostile.say('site', hostile.registration());
  await cluster.untilEvent('round-opened');
  return { cluster, hostile };
}

function heard({ node }: MemoryCluster, outcome: RefusalReason | 'accepted'): number {
  return node.counted('starling_coordinator_messages_total', { outcome });
}

const vectors: readonly (readonly [string, (ok: Float32Array) => Float32Array, RefusalReason])[] = [
  ['a NaN', (ok) => ok.with(3, Number.NaN), 'non-finite'],
  ['an infinity', (ok) => ok.with(3, Number.NEGATIVE_INFINITY), 'non-finite'],
  ['a norm above the clip', (ok) => ok.with(3, 5.1), 'norm-exceeded'],
  ['too few elements', (ok) => ok.subarray(1), 'wrong-dimension'],
];

test('a faulty vector is refused, and the round goes on without its author', async (t) => {
  const { cluster, hostile } = await withHostile(t, vectors.length);
  for (const [i, [title, spoil, reason]] of vectors.entries()) {
    await cluster.untilEvent('round-opened', i + 1);
    const counted = heard(cluster, reason);
    const faults = cluster.node.bus.faultsOf(hostile.transportId);
    await hostile.say('site', await hostile.update(spoil(new Float32Array(ELEMENTS))));
    await cluster.untilEvent('version-finalised', i + 1);
    t.is(heard(cluster, reason), counted + 1, title);
    t.is(cluster.node.bus.faultsOf(hostile.transportId), faults + 1, title);
    const finals = cluster.replay().round;
    const closed = finals?.plan.round === i + 1 ? finals : cluster.replay().roundHistory.at(i);
    t.deepEqual(
      closed?.missing,
      [{ member: hostile.identity.member, phase: 'training', reason: 'refused' }],
      title,
    );
    t.is(closed?.updates.size, 3, title);
  }
  await cluster.untilFinished();
  for (const site of cluster.sites) t.is(cluster.node.bus.faultsOf(site.transportId), 0);
  t.false(cluster.replay().ledger.accounts().includes(`member:${hostile.identity.member}`));
});

test('a faulty header is refused at once and names its author as refused', async (t) => {
  const { cluster, hostile } = await withHostile(t);
  const ok = new Float32Array(ELEMENTS);
  await hostile.say('site', await hostile.update(ok, { elements: ELEMENTS + 8 }));
  t.is(heard(cluster, 'wrong-dimension'), 1);
  await hostile.say('site', await hostile.update(ok));
  t.is(heard(cluster, 'duplicate'), 1);
  await cluster.untilFinished();
  t.deepEqual(
    cluster.replay().round?.missing.map(({ reason }) => reason),
    ['refused'],
  );
});

test('updates for another round, plan or base are ignored without blame', async (t) => {
  const { cluster, hostile } = await withHostile(t, 2);
  const ok = new Float32Array(ELEMENTS);
  const honest = await hostile.update(ok);
  await hostile.say('site', await hostile.update(ok, { round: 2 }));
  await hostile.say('site', await hostile.update(ok, { plan: digest }));
  await hostile.say('site', await hostile.update(ok, { base: digest }));
  t.is(heard(cluster, 'future-round'), 1);
  t.is(heard(cluster, 'unknown-plan'), 2);
  await hostile.say('site', honest);
  await cluster.untilEvent('round-opened', 2);
  await hostile.say('site', honest);
  t.is(heard(cluster, 'stale-round'), 1);
  t.is(cluster.node.bus.faultsOf(hostile.transportId), 0);
  await hostile.say('site', await hostile.update(ok));
  await cluster.untilFinished();
});

test('a second, different update for one plan is equivocation; the first one counts', async (t) => {
  const { cluster, hostile } = await withHostile(t);
  const first = await hostile.update(new Float32Array(ELEMENTS));
  const second = await hostile.update(new Float32Array(ELEMENTS).fill(0.01));
  await hostile.say('site', first);
  await cluster.until('the update on record', () => {
    return cluster.replay().round?.updates.has(hostile.identity.member) ?? false;
  });
  await hostile.say('site', second);
  t.is(heard(cluster, 'equivocation'), 1);
  t.is(cluster.node.bus.faultsOf(hostile.transportId), 1);
  await hostile.say('site', first);
  t.is(heard(cluster, 'duplicate'), 1);
  await cluster.untilFinished();
  t.deepEqual(cluster.replay().round?.updates.get(hostile.identity.member)?.frame, first);
  for (const site of cluster.sites) t.is(cluster.node.bus.faultsOf(site.transportId), 0);
});

test('hostile votes are refused, each with its reason, and are never paid', async (t) => {
  const { cluster, hostile } = await withHostile(t);
  await hostile.say('site', await hostile.update(new Float32Array(ELEMENTS)));
  await cluster.untilFinished();
  const { member } = hostile.identity;
  await hostile.say('vote', hostile.vote({ model: digest }));
  t.is(heard(cluster, 'unknown-plan'), 1);
  await hostile.say('vote', hostile.vote({ round: 9 }));
  t.is(heard(cluster, 'future-round'), 1);
  t.false(cluster.replay().round?.votes.has(member));
  await hostile.say('vote', hostile.vote());
  t.true(cluster.replay().round?.votes.has(member));
  const paid = cluster.replay().ledger.entries.length;
  await hostile.say('vote', hostile.vote({ model: digest }));
  t.is(heard(cluster, 'equivocation'), 1);
  await hostile.say('vote', hostile.vote());
  t.is(cluster.replay().ledger.entries.length, paid);
  const late = await HostileMember.join(cluster, 'late');
  t.teardown(() => late.close());
  await late.say('vote', late.vote());
  t.is(heard(cluster, 'not-permitted'), 1);
  t.is(cluster.node.bus.faultsOf(late.transportId), 1);
  t.is(cluster.node.bus.faultsOf(hostile.transportId), 1);
});

test('a replayed or overtaken registration changes nothing', async (t) => {
  const handed: { readonly to: TransportId; readonly bytes: Uint8Array }[] = [];
  const { cluster, hostile } = await withHostile(t, 1, (bus) => ({
    ...passing(bus),
    subscribe: (topic, handler) =>
      bus.subscribe(topic, (bytes, from) => {
        handed.push({ to: bus.self, bytes });
        return handler(bytes, from);
      }),
  }));
  const older = hostile.registration({ ready: false });
  const newer = hostile.registration({ examplesRounded: 70 });
  await hostile.say('site', newer);
  const { head } = cluster.replay();
  const times = (to: TransportId) =>
    handed.filter((each) => each.to === to && equalBytes(each.bytes, newer)).length;
  const before = cluster.sites.map(({ bus, transportId }) => ({
    transportId,
    times: times(transportId),
    isConnected: bus.connected().includes(hostile.transportId),
  }));
  await hostile.say('site', newer);
  t.is(heard(cluster, 'duplicate'), 1);
  // Neighbours of the author hear its repetition; nobody passes on to the others what it refused.
  for (const each of before) {
    t.true(each.times >= 1);
    t.is(times(each.transportId), each.times + Number(each.isConnected));
  }
  await hostile.say('site', older);
  t.is(heard(cluster, 'replay'), 1);
  const registered = cluster.replay().registrations.get(hostile.identity.member);
  t.like(registered, { ready: true, examplesRounded: 70 });
  t.true(cluster.replay().head >= head);
});

test('a message signed for another federation or domain is refused and blamed', async (t) => {
  const { cluster, hostile } = await withHostile(t);
  const { federation } = cluster;
  const body = new Uint8Array(9);
  const { member } = hostile.identity;
  const vote = { base: digest, model: digest, plan: digest, round: 1, updates: digest, version: 1 };
  const foreign = hostile.seal(modelVote, vote, otherFederation);
  const signed = encodeCanonical({
    body,
    federation,
    sender: member,
    type: modelUpdate.type,
    v: 1,
  });
  const signature = hostile.identity.sign(signed, signingContext(modelVote.type));
  await hostile.say('vote', foreign);
  t.is(heard(cluster, 'wrong-federation'), 1);
  await hostile.say('site', encodeCanonical({ signature, signed }));
  t.is(heard(cluster, 'bad-signature'), 1);
  await hostile.say('vote', await hostile.update(new Float32Array(ELEMENTS)));
  t.is(heard(cluster, 'wrong-type'), 1);
  t.is(cluster.node.bus.faultsOf(hostile.transportId), 3);
  for (const site of cluster.sites) t.is(cluster.node.bus.faultsOf(site.transportId), 0);
});
