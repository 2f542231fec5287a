// A member that was taken out: nothing of it is heard any more, by nobody.

import { openMessage, sealBinding, sealMessage } from '@starling/crypto';
import {
  BINDING_LIFE_MS,
  type JoinResponse,
  joinRequest,
  joinResponse,
  type MemberId,
} from '@starling/shared';
import { parameterCount } from '@starling/training';
import test, { type ExecutionContext } from 'ava';
import { ALICE, admitSigned, BOB, signProposal, TWO_OF_THREE } from './administrators.ts';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { HostileMember } from './hostile-member.ts';
import { MemoryCluster, TASK } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const THREE_OF_THREE = { ...TWO_OF_THREE, threshold: 3 };

const zeros = () => new Float32Array(parameterCount(TASK.encoder));

async function withHostile(t: ExecutionContext, rounds: number) {
  const cluster = await MemoryCluster.start(t);
  const hostile = await HostileMember.join(cluster);
  t.teardown(() => hostile.close());
  await cluster.coordinator.planRounds(rounds, 4);
  await hostile.say('site', hostile.registration());
  await cluster.untilEvent('round-opened');
  return { cluster, hostile };
}

function unknown({ node }: MemoryCluster): number {
  return node.counted('starling_coordinator_messages_total', { outcome: 'unknown-sender' });
}

test('a revoked member neither trains nor votes nor connects, and the rest go on', async (t) => {
  const { cluster, hostile } = await withHostile(t, 2);
  const { coordinator, node, sites } = cluster;
  const { member } = hostile.identity;
  const update = await hostile.update(zeros());
  t.true(node.bus.connected().includes(hostile.transportId));
  t.like(await coordinator.revoke('mallory', 'left the federation'), { kind: 'in-force', seq: 6 });
  t.false(node.bus.connected().includes(hostile.transportId));
  await t.throwsAsync(hostile.bus.connect(node.bus.addresses()[0] ?? ''), { code: 'unreachable' });
  const joining = hostile.bus.request(node.transportId, 'join', update, { answerBytesMax: 9 });
  await t.throwsAsync(joining, { code: 'unreachable' });
  // An honest site may still pass on what it says.
  await sites[0]?.bus.publish('site', update);
  await sites[0]?.bus.publish('site', hostile.registration());
  await cluster.clock.advance(1);
  t.is(unknown(cluster), 2);
  await cluster.untilFinished();
  await sites[0]?.bus.publish('vote', hostile.vote());
  await cluster.clock.advance(1);
  t.is(unknown(cluster), 3);
  const { round, roundHistory, roster, versions } = cluster.replay();
  const [first] = roundHistory;
  t.deepEqual(first?.missing, [{ member, phase: 'training', reason: 'offline' }]);
  t.false(first?.votes.has(member));
  t.false([...(round?.plan.cohort ?? []), ...(round?.plan.voters ?? [])].includes(member));
  t.is(versions.length, 2);
  t.like(roster.revoked, [{ member, site: 'mallory', reason: 'left the federation' }]);
  for (const site of sites) {
    const address = site.bus.addresses()[0] ?? '';
    await t.throwsAsync(hostile.bus.connect(address), { code: 'unreachable' });
    t.false(site.bus.connected().includes(hostile.transportId));
  }
});

test('what a revoked member earned stays on its account', async (t) => {
  const { cluster, hostile } = await withHostile(t, 1);
  await hostile.say('site', await hostile.update(zeros()));
  await cluster.untilFinished();
  const account = `member:${hostile.identity.member}` as const;
  const earned = cluster.replay().ledger.balance(account);
  t.is(earned, 10n);
  await cluster.coordinator.revoke(hostile.identity.member, 'left');
  t.is(cluster.replay().ledger.balance(account), earned);
  t.notThrows(() => cluster.replay().ledger.assertBalanced());
});

/** What becomes of a request by `key` over a fresh channel. */
async function apply(
  cluster: MemoryCluster,
  {
    channel,
    invitation,
    key,
    site,
  }: { channel: string; invitation: Uint8Array; key: string; site: string },
): Promise<JoinResponse> {
  const { clock, federation, node } = cluster;
  const world = await cluster.newSite(channel).open();
  const nowMs = clock.nowMs();
  const terms = { federation, site, seq: 1, previous: null, notBeforeMs: nowMs };
  const notAfterMs = nowMs + BINDING_LIFE_MS;
  const binding = sealBinding(identityOf(key), world.channelKey, { ...terms, notAfterMs });
  const body = { binding, invitation, rotation: null };
  const request = sealMessage(identityOf(key), joinRequest, { federation, body, seq: 1, nowMs });
  const answer = await world.bus.request(node.transportId, 'join', request, {
    answerBytesMax: 1 << 20,
  });
  await world.bus.stop();
  const keyOf = () => node.identity.publicKey;
  const opened = openMessage(answer, joinResponse, { federation, nowMs, keyOf });
  if (!opened.ok) throw new Error(opened.refusal.detail);
  return opened.value.body;
}

function reasonOf(response: JoinResponse): string {
  return response.outcome === 'refused' ? response.reason : response.outcome;
}

test('neither the key of a revoked member nor an invitation from before admits anybody', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 0 });
  const spare = cluster.coordinator.invite('north');
  await cluster.newSite('north').join(cluster.coordinator.invite('north'));
  await cluster.coordinator.revoke('north', 'sold');
  const early = { channel: 'other', invitation: spare, key: 'other', site: 'north' };
  t.regex(reasonOf(await apply(cluster, early)), /was revoked after this invitation was signed/);
  const invitation = cluster.coordinator.invite('north');
  const same = { channel: 'other', invitation, key: 'north', site: 'north' };
  t.regex(reasonOf(await apply(cluster, same)), /this key was revoked: sold/);
  const fresh = { channel: 'other', invitation, key: 'other', site: 'north' };
  t.is(reasonOf(await apply(cluster, fresh)), 'admitted');
});

test('who is revoked must be told apart, and the coordinator stays', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 1 });
  await cluster.admitAll();
  const revoke = (who: string) => cluster.coordinator.revoke(who, 'no reason');
  await t.throwsAsync(revoke('nobody'), { code: 'unknown-member' });
  await t.throwsAsync(revoke('coordinator'), { code: 'not-permitted' });
  const [site] = cluster.sites as [ClusterSite];
  await t.throwsAsync(revoke(site.identity.member.slice(0, 7)), { code: 'unknown-member' });
  t.like(await revoke(site.identity.member.slice(0, 8)), { kind: 'in-force' });
  await t.throwsAsync(revoke('site1'), { code: 'unknown-member' });
});

test('with two of three, an admission and a revocation wait for a second administrator', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 2, founding: TWO_OF_THREE });
  const [first, second] = cluster.sites as [ClusterSite, ClusterSite];
  await t.throwsAsync(first.join(cluster.coordinator.invite('site1')), { code: 'join-refused' });
  await signProposal(cluster, [ALICE]);
  const invitation = cluster.coordinator.invite('site1');
  await t.throwsAsync(first.join(invitation), { code: 'join-pending', message: /1 of 2/ });
  const asked = cluster.replay().head;
  await t.throwsAsync(first.join(invitation), { code: 'join-pending' });
  t.is(cluster.replay().head, asked);
  const voided = cluster.replay().proposal;
  await t.throwsAsync(second.join(cluster.coordinator.invite('site2')), { code: 'join-pending' });
  await t.throwsAsync(signProposal(cluster, [ALICE], voided), { code: 'no-proposal' });
  const mallory = identityOf('mallory');
  await t.throwsAsync(signProposal(cluster, [mallory]), { code: 'not-permitted' });
  await signProposal(cluster, [ALICE]);
  await first.join(invitation);
  t.is(cluster.replay().roster.seq, 2);
  t.is(cluster.replay().roster.members.length, 3);
  t.like(await cluster.coordinator.revoke('site2', 'left'), { kind: 'pending', signed: 1 });
  t.is(cluster.replay().roster.members.length, 3);
  await signProposal(cluster, [ALICE]);
  t.is(cluster.replay().roster.members.length, 2);
});

test('an applicant that no administrator wants is dropped, and others are admitted', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 1, founding: TWO_OF_THREE });
  await signProposal(cluster, [ALICE]);
  const unwanted = cluster.newSite('unwanted');
  const invitation = cluster.coordinator.invite('unwanted');
  await t.throwsAsync(unwanted.join(invitation), { code: 'join-pending' });
  await cluster.coordinator.revoke('unwanted', 'never agreed');
  const [site] = cluster.sites as [ClusterSite];
  await admitSigned(cluster, site, [ALICE]);
  const { roster } = cluster.replay();
  const names = roster.members.map(({ site: name }): string => name);
  t.deepEqual(names.sort(), ['coordinator', 'site1']);
  t.deepEqual(roster.revoked, []);
  t.is(
    roster.members.some(({ member }) => member === (unwanted.identity.member as MemberId)),
    false,
  );
});

test('a coordinator that can sign alone renews its roster by itself, also after a long time off', async (t) => {
  const cluster = await MemoryCluster.start(t, { rosterLifeMs: 60_000 });
  const { seq, epoch } = cluster.replay().roster;
  await cluster.clock.advance(90_000);
  const renewed = cluster.replay().roster;
  t.true(renewed.seq > seq);
  t.is(renewed.epoch, epoch);
  t.true(renewed.notAfterMs > cluster.clock.nowMs());
  await cluster.until('the renewal at every site', () =>
    cluster.sites.every(({ peer }) => !peer.status().roster.expired),
  );
  await cluster.stopCoordinator();
  await cluster.clock.advance(90_000);
  t.true(cluster.sites.every(({ peer }) => peer.status().roster.expired));
  await cluster.startCoordinator();
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  t.true(cluster.sites.every(({ peer }) => !peer.status().roster.expired));
});

test('a roster that nobody renews in time stops new rounds, and the status says why', async (t) => {
  const founding = TWO_OF_THREE;
  const cluster = await MemoryCluster.found(t, { sites: 2, founding, rosterLifeMs: 60_000 });
  await signProposal(cluster, [ALICE]);
  for (const site of cluster.sites) await admitSigned(cluster, site, [ALICE]);
  for (const site of cluster.sites) await site.start();
  await cluster.clock.advance(61_000);
  await cluster.coordinator.planRounds(1, 2);
  await cluster.clock.advance(10_000);
  const { waitingFor } = await cluster.coordinator.status();
  t.regex(waitingFor, /roster 3 has expired/);
  await signProposal(cluster, [ALICE]);
  await cluster.untilFinished();
  t.is(cluster.replay().versions.length, 1);
});

test('nobody is taken out whose vote a published sum cannot do without, until it is final', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { sites: 4, wrapBus: wiretap.wrap });
  for (const { transportId } of cluster.sites) wiretap.mute(transportId, 'vote');
  await cluster.coordinator.planRounds(2, 4);
  await cluster.untilEvent('aggregate-published');
  const revoke = (who: string) => cluster.coordinator.revoke(who, 'left');
  t.like(await revoke('site4'), { kind: 'in-force' });
  t.like(await revoke('site3'), { kind: 'pending', why: 'the open round ends first' });
  for (const { transportId } of cluster.sites) wiretap.unmute(transportId, 'vote');
  await cluster.until('the last round', async () => (await cluster.coordinator.status()).finished);
  const { roster, round, versions } = cluster.replay();
  t.is(versions.length, 2);
  t.is(roster.revoked.length, 2);
  t.is(round?.plan.voters.length, 2);
});

test('a proposal and its signatures survive the end of the coordinator', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 1, founding: THREE_OF_THREE });
  await signProposal(cluster, [ALICE]);
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  t.is(cluster.replay().proposal?.signatures.size, 2);
  await signProposal(cluster, [BOB]);
  t.is(cluster.replay().roster.seq, 1);
});
