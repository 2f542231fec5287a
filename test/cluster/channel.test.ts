// Channels of a running federation: only who has proved its ML-DSA key counts as present, is heard or
// answered.

import { createIdentity, PROVE_WITHIN_MS, proveChannel } from '@starling/crypto';
import { authChallengeSchema, decodeCanonical } from '@starling/shared';
import test from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';

function proofsOf(node: ClusterSite | MemoryCluster['node'], outcome: string): number {
  const room = node.name === 'coordinator' ? 'coordinator' : 'peer';
  return node.counted(`starling_${room}_channel_proofs_total`, { outcome });
}

test('every member of a running federation is proved to each that it is connected with', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const { members } = await cluster.coordinator.status();
  t.true(members.every(({ connected }) => connected));
  t.is(proofsOf(cluster.node, 'proved'), 3);
  for (const site of cluster.sites) {
    t.is(site.peer.status().neighbours, 3);
    t.true(site.peer.status().connected);
    t.is(proofsOf(site, 'proved'), 3);
    t.is(site.counted('starling_peer_channel_proofs_total'), 3);
  }
});

test("a member's transport key alone is not present, not heard, not answered, not kept", async (t) => {
  const cluster = await MemoryCluster.start(t);
  const [site] = cluster.sites as [ClusterSite];
  await cluster.until('everyone there', async () => {
    return (await cluster.coordinator.status()).members.every(({ connected }) => connected);
  });
  await site.stop();
  const isPresent = async () => {
    const { members } = await cluster.coordinator.status();
    return members.find(({ member }) => member === site.identity.member)?.connected;
  };
  for (const answer of ['silent', 'wrong'] as const) {
    const thief = cluster.network.join(site.name);
    const key = createIdentity();
    thief.handle(
      'auth',
      async (challenge, from) => {
        if (answer === 'silent') return new Promise(() => undefined);
        const decoded = decodeCanonical(challenge, challenge.byteLength);
        const { nonce } = authChallengeSchema.parse(decoded.ok ? decoded.value : undefined);
        return proveChannel(key, cluster.federation, {
          challenge: nonce,
          nonce: new Uint8Array(32),
          prover: thief.self,
          role: 'peer',
          roster: cluster.replay().rosterDigest,
          verifier: from,
        });
      },
      { requestBytesMax: 1_000 },
    );
    await thief.connect(cluster.node.bus.addresses()[0] ?? '');
    await cluster.clock.advance(5_000);
    t.false(await isPresent());
    t.is(await thief.publish('site', new Uint8Array(9)), 0);
    const protocol = answer === 'wrong' ? 'version' : 'join';
    const asked = thief.request(cluster.node.transportId, protocol, new Uint8Array(9), {
      answerBytesMax: 1 << 20,
    });
    if (answer === 'wrong') await t.throwsAsync(asked, { code: 'request-failed' });
    else await t.notThrowsAsync(asked);
    await cluster.clock.advance(PROVE_WITHIN_MS);
    t.deepEqual(thief.connected(), []);
    await thief.stop();
  }
  t.is(cluster.node.bus.faultsOf(site.transportId), 0, 'its bytes were not even judged');
  t.is(proofsOf(cluster.node, 'unknown-sender'), 1);
  t.is(proofsOf(cluster.node, 'silent'), 2);
  await site.start();
  await cluster.until('the site is back', async () => (await isPresent()) === true);
});

test("a site does not follow whoever has only the coordinator's transport key", async (t) => {
  const cluster = await MemoryCluster.start(t);
  const [site] = cluster.sites as [ClusterSite];
  await cluster.until('the site is connected', () => site.peer.status().connected);
  await cluster.stopCoordinator();
  const thief = cluster.network.join('coordinator');
  t.teardown(() => thief.stop());
  thief.handle('auth', () => Promise.reject(new Error('no key')), { requestBytesMax: 1_000 });
  await cluster.until('the site dials', () => thief.connected().includes(site.transportId));
  await cluster.clock.advance(1_000);
  t.false(site.peer.status().connected);
  t.is(await thief.publish('control', new Uint8Array(9)), 0);
  await cluster.until('the site gives up', () => proofsOf(site, 'silent') > 0);
  await thief.stop();
  await cluster.startCoordinator();
  await cluster.until('the site is back', () => site.peer.status().connected);
});

test('a revoked member is cut off at once, by the coordinator and by every site', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const [first, second, gone] = cluster.sites as [ClusterSite, ClusterSite, ClusterSite];
  await cluster.coordinator.revoke(gone.name, 'left the project');
  await cluster.until('all have heard', () => {
    return [cluster.node, first, second].every((node) => proofsOf(node, 'revoked') === 1);
  });
  t.deepEqual(gone.bus.connected(), []);
  await cluster.clock.advance(60_000);
  t.false(gone.peer.status().connected);
  t.is(first.peer.status().neighbours, 2);
});
