// Processes that stop and come back, and networks that fall apart, in the middle of a round.

import { readFrame } from '@starling/rules';
import { modelVote } from '@starling/shared';
import { createSparseTrainer, type EncoderTrainer, encoderEngine } from '@starling/training';
import test from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

/** A trainer whose fits wait until they are let go. */
function heldTrainer() {
  const gate = Promise.withResolvers<void>();
  const create = (): EncoderTrainer => {
    const trainer = createSparseTrainer('built-in');
    return {
      engine: (shape) => trainer.engine(shape),
      fit: async (task, options) => {
        await gate.promise;
        return trainer.fit(task, options);
      },
      stop: () => trainer.stop(),
    };
  };
  return { create, letGo: () => gate.resolve() };
}

function typesOf(cluster: MemoryCluster): string[] {
  return cluster.events().map(({ type }) => type);
}

function countOf(cluster: MemoryCluster, type: string): number {
  return typesOf(cluster).filter((each) => each === type).length;
}

test('a coordinator that stops while sites train goes on with the same round', async (t) => {
  const cluster = await MemoryCluster.found(t);
  await cluster.admitAll();
  const held = heldTrainer();
  const [slow] = cluster.sites as [ClusterSite];
  slow.createTrainer = held.create;
  for (const site of cluster.sites) await site.start();
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilEvent('update-received', 2);
  const before = cluster.replay().round;
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  held.letGo();
  await cluster.untilFinished();
  const { round, versions } = cluster.replay();
  t.is(round?.planDigest, before?.planDigest);
  t.is(versions.length, 1);
  t.is(countOf(cluster, 'round-opened'), 1);
  t.is(countOf(cluster, 'round-resumed'), 1);
  t.is(countOf(cluster, 'update-received'), 3);
  for (const [member, { frame }] of before?.updates ?? []) {
    t.deepEqual(round?.updates.get(member)?.frame, frame);
  }
});

test('a coordinator that stops while sites vote goes on with the same sum', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  for (const { transportId } of cluster.sites) wiretap.mute(transportId, 'vote');
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilEvent('aggregate-published');
  const before = cluster.replay().round;
  t.is(before?.phase, 'voting');
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  for (const { transportId } of cluster.sites) wiretap.unmute(transportId, 'vote');
  await cluster.untilFinished();
  const { round, versions } = cluster.replay();
  t.deepEqual(round?.aggregate?.frame, before?.aggregate?.frame);
  t.is(countOf(cluster, 'aggregate-published'), 1);
  t.is(versions.length, 1);
});

test('a site that stops after it trained publishes the same bytes again', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  const [site] = cluster.sites as [ClusterSite];
  await cluster.until('every site ready', () => {
    return [...cluster.replay().registrations.values()].filter(({ ready }) => ready).length === 3;
  });
  wiretap.mute(site.transportId, 'site');
  await cluster.coordinator.planRounds(1, 3);
  await cluster.until('the update on disk', async () => {
    return (await site.store.get('state', 'update')) !== undefined;
  });
  const stored = await site.store.get('state', 'update');
  await site.stop();
  site.createTrainer = () => ({
    engine: (shape) => encoderEngine('built-in', shape),
    fit: () => Promise.reject(new Error('trained a second time')),
    stop: async () => undefined,
  });
  wiretap.unmute(site.transportId, 'site');
  await site.start();
  await cluster.untilFinished();
  const update = cluster.replay().round?.updates.get(site.identity.member);
  t.truthy(update);
  t.deepEqual(update?.frame, stored?.subarray(64));
});

test('a site that was away for two versions catches up by the proof of the newest', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 4 });
  const away = cluster.sites[3] as ClusterSite;
  await cluster.coordinator.planRounds(3, 4);
  await cluster.untilEvent('version-finalised');
  await away.stop();
  await cluster.untilFinished();
  t.is((await cluster.coordinator.status()).version, 3);
  await away.start();
  await cluster.untilFinished();
  t.is(away.peer.status().model.version, 3);
  t.is(away.peer.status().model.root, (await cluster.coordinator.status()).model);
  const { missing } = cluster.replay().round ?? {};
  t.true(missing === undefined || missing.every(({ member }) => member === away.identity.member));
});

test('a site that was cut off is named offline and catches up when it is back', async (t) => {
  const cluster = await MemoryCluster.found(t, { sites: 4 });
  await cluster.admitAll();
  const held = heldTrainer();
  const cut = cluster.sites[3] as ClusterSite;
  cut.createTrainer = held.create;
  for (const site of cluster.sites) await site.start();
  await cluster.coordinator.planRounds(2, 4);
  await cluster.untilEvent('update-received', 3);
  const others = [cluster.node, ...cluster.sites.slice(0, 3)];
  cluster.network.partition(others.map(({ transportId }) => transportId));
  await cluster.untilEvent('version-finalised');
  const first = cluster.replay().roundHistory.at(0) ?? cluster.replay().round;
  t.deepEqual(first?.missing, [
    { member: cut.identity.member, phase: 'training', reason: 'offline' },
  ]);
  t.is(cut.peer.status().model.version, 0);
  held.letGo();
  cluster.network.heal();
  await cluster.untilFinished();
  t.is((await cluster.coordinator.status()).version, 2);
  t.is(cut.peer.status().model.version, 2);
});

test('a site that starts again in the middle of voting votes once, for the same sum', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  for (const { transportId } of cluster.sites) wiretap.mute(transportId, 'vote');
  await cluster.coordinator.planRounds(1, 3);
  const [site] = cluster.sites as [ClusterSite];
  await cluster.until('the vote on disk', async () => (await site.store.count('vote')) === 1);
  const stored = await site.store.get('vote', '1');
  await site.stop();
  await site.start();
  for (const { transportId } of cluster.sites) wiretap.unmute(transportId, 'vote');
  await cluster.untilFinished();
  const votes = cluster.events().flatMap((event) => {
    return event.type === 'vote-received' ? [readFrame(event.payload.vote, modelVote)] : [];
  });
  const own = votes.filter(({ sender }) => sender === site.identity.member);
  for (const { bodyBytes } of own) t.deepEqual(bodyBytes, stored);
  t.true(own.length <= 1);
});

test('a voter that starts again after others joined still knows who votes', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  for (const { transportId } of cluster.sites) wiretap.mute(transportId, 'vote');
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilEvent('aggregate-published');
  for (const name of ['late', 'later', 'latest']) {
    await cluster.newSite(name).join(cluster.coordinator.invite(name));
    // Each roster is announced before the next one replaces it.
    await cluster.clock.advance(1_000);
  }
  const [restarted, other] = cluster.sites as [ClusterSite, ClusterSite];
  await restarted.stop();
  await restarted.start();
  for (const { transportId } of [restarted, other]) wiretap.unmute(transportId, 'vote');
  await cluster.untilEvent('version-finalised');
  t.true(cluster.replay().round?.votes.has(restarted.identity.member));
});
