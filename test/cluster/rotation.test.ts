// New keys for a site: its place, its account and its history stay.

import { memoryChannelKey } from '@starling/adapters';
import { type ChannelKey, createIdentity, type Identity, sealMessage } from '@starling/crypto';
import { presentMember } from '@starling/rules';
import { registration } from '@starling/shared';
import test from 'ava';
import { ALICE, admitSigned, signProposal, TWO_OF_THREE } from './administrators.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

const fresh = createIdentity(new Uint8Array(32).fill(201));
const rewired = memoryChannelKey('rewired');

interface Wanted {
  readonly identity?: Identity;
  readonly channelKey?: ChannelKey;
}

/** Has the site ask for new keys, as its process does: it runs under the old ones meanwhile. */
async function ask(
  site: ClusterSite,
  wanted: Wanted,
): Promise<{ readonly inForce: () => boolean }> {
  await site.stop();
  let isInForce = false;
  const { channelKey, identity } = site;
  const onInForce = () => {
    isInForce = true;
  };
  site.nextKeys = { channelKey, identity, ...wanted, onInForce };
  await site.start();
  return { inForce: () => isInForce };
}

/** Starts the site under its new keys. */
async function swap(site: ClusterSite): Promise<void> {
  const { nextKeys } = site;
  if (nextKeys === undefined) throw new Error('no new keys');
  await site.stop();
  site.identity = nextKeys.identity;
  site.channelKey = nextKeys.channelKey;
  site.nextKeys = undefined;
  await site.start();
}

test('a rotated key keeps the place, the account and the history, and the old one is refused', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const [site] = cluster.sites as [ClusterSite];
  const old = site.identity;
  await cluster.until('the evaluation', () => cluster.replay().evaluations.has(old.member));
  const before = cluster.replay();
  const earned = before.ledger.balance(`member:${old.member}`);
  t.true(earned > 0n);
  const { inForce } = await ask(site, { identity: fresh });
  await cluster.until('the new key in force', inForce);
  await swap(site);
  const after = cluster.replay();
  const entry = after.roster.members.find(({ site: name }) => name === site.name);
  const sinceMs = before.roster.members.find(({ member }) => member === old.member)?.sinceMs;
  t.like(entry, { member: fresh.member, formerly: old.member, sinceMs, bindingSeq: 2 });
  t.is(after.ledger.balance(`member:${old.member}`), 0n);
  t.is(after.ledger.balance(`member:${fresh.member}`), earned);
  t.like(after.ledger.entries.at(-1), { reason: 'key-rotated', amount: earned });
  t.is(presentMember(after, old.member), fresh.member);
  t.deepEqual(after.evaluations.get(fresh.member), before.evaluations.get(old.member));
  t.notThrows(() => after.ledger.assertBalanced());

  const { federation } = cluster;
  const nowMs = cluster.clock.nowMs();
  const stale = sealMessage(old, registration, {
    federation,
    body: {
      addresses: [],
      examplesRounded: 10,
      model: after.rosterDigest,
      ready: true,
      version: 0,
    },
    seq: 2 ** 52,
    nowMs,
  });
  const unknown = () =>
    cluster.node.counted('starling_coordinator_messages_total', { outcome: 'unknown-sender' });
  const counted = unknown();
  await cluster.sites[1]?.bus.publish('site', stale);
  await cluster.clock.advance(1);
  t.is(unknown(), counted + 1);

  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilEvent('version-finalised', 2);
  await cluster.untilFinished();
  const { round } = cluster.replay();
  t.true(round?.updates.has(fresh.member));
  t.true(round?.votes.has(fresh.member) || (round?.votes.size ?? 0) >= 2);
  t.false(round?.plan.voters.includes(old.member));
});

test('a peer id rotates without anything else changing', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const [site] = cluster.sites as [ClusterSite];
  const oldId = site.transportId;
  const { inForce } = await ask(site, { channelKey: rewired });
  await cluster.until('the new peer id in force', inForce);
  await swap(site);
  const { roster } = cluster.replay();
  const entry = roster.members.find(({ site: name }) => name === site.name);
  t.like(entry, { member: site.identity.member, transportId: rewired.transportId, formerly: null });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  t.true(cluster.replay().round?.updates.has(site.identity.member));
  const intruder = cluster.network.join('intruder', memoryChannelKey(site.name));
  t.teardown(() => intruder.stop());
  t.is(intruder.self, oldId);
  const other = cluster.sites[1]?.bus.addresses()[0] ?? '';
  await t.throwsAsync(intruder.connect(other), { code: 'unreachable' });
});

test('both keys at once, and a site that stopped before it swapped asks again and is told', async (t) => {
  const cluster = await MemoryCluster.start(t);
  const [site] = cluster.sites as [ClusterSite];
  const first = await ask(site, { identity: fresh, channelKey: rewired });
  await cluster.until('the new keys in force', first.inForce);
  // Killed here: the new keys are in the roster, the site comes back with the old ones.
  const { rosterDigest } = cluster.replay();
  const again = await ask(site, { identity: fresh, channelKey: rewired });
  await cluster.until('the answer', again.inForce);
  t.is(cluster.replay().rosterDigest, rosterDigest);
  await swap(site);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  t.true(cluster.replay().round?.updates.has(fresh.member));
});

test('a rotation waits for the open round, in which the old key still counts', async (t) => {
  const cluster = await MemoryCluster.found(t);
  await cluster.admitAll();
  const held = Promise.withResolvers<void>();
  const [site, slow] = cluster.sites as [ClusterSite, ClusterSite];
  const { createTrainer } = slow;
  slow.createTrainer = () => {
    const trainer = createTrainer();
    return {
      engine: (shape) => trainer.engine(shape),
      fit: async (task, options) => {
        await held.promise;
        return trainer.fit(task, options);
      },
      stop: () => trainer.stop(),
    };
  };
  for (const each of cluster.sites) await each.start();
  const old = site.identity.member;
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilEvent('update-received', 2);
  const { inForce } = await ask(site, { identity: fresh });
  await cluster.untilEvent('roster-proposed');
  await cluster.clock.advance(2_000);
  t.false(inForce());
  // What need not wait does not: a join makes its own roster, and the site asks again.
  await cluster.newSite('late').join(cluster.coordinator.invite('late'));
  t.true(cluster.replay().roster.members.some(({ member }) => member === old));
  held.resolve();
  await cluster.untilEvent('version-finalised');
  const [final] = cluster.events().filter(({ type }) => type === 'version-finalised');
  t.truthy(final);
  await cluster.until('the new key in force', inForce);
  await swap(site);
  const closed = cluster.replay().roundHistory.at(0) ?? cluster.replay().round;
  t.true(closed?.updates.has(old));
});

test('with two of three, new keys wait for a second administrator and are asked for unchanged', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 1, founding: TWO_OF_THREE });
  await signProposal(cluster, [ALICE]);
  const [site] = cluster.sites as [ClusterSite];
  await admitSigned(cluster, site, [ALICE]);
  await site.start();
  const { inForce } = await ask(site, { identity: fresh });
  await cluster.untilEvent('roster-proposed', 3);
  const proposed = cluster.replay().proposal?.bodyDigest;
  const again = await ask(site, { identity: fresh });
  await cluster.clock.advance(15_000);
  t.is(cluster.replay().proposal?.bodyDigest, proposed);
  t.false(inForce() || again.inForce());
  await signProposal(cluster, [ALICE]);
  await cluster.until('the new key in force', again.inForce);
});

test('a site binds its keys anew long before their binding ends', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 1 });
  const [site] = cluster.sites as [ClusterSite];
  const bound = () => cluster.replay().roster.members.map(({ bindingSeq }) => bindingSeq);
  t.deepEqual(bound(), [1, 1]);
  await site.stop();
  await cluster.stopCoordinator();
  await cluster.clock.advance(201 * 24 * 3600 * 1000);
  await cluster.startCoordinator();
  await site.start();
  await cluster.until('both bindings', () => bound().join() === '2,2');
});
