// A coordinator that lies: sites follow only what they can check.

import { digestOf } from '@starling/crypto';
import { checkVersionProof } from '@starling/peer';
import type { RefusalReason, RoundPlan } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { identityOf } from './cluster-node.ts';
import type { ClusterSite } from './cluster-site.ts';
import { DishonestCoordinator, ELEMENTS, type SumOptions } from './dishonest-coordinator.ts';
import { MemoryCluster, TASK } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

/** One running site of three, and the coordinator's keys in the wrong hands. */
async function deceived(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.found(t, { wrapBus: wiretap.wrap });
  await cluster.admitAll();
  const [site, ...authors] = cluster.sites as [ClusterSite, ClusterSite, ClusterSite];
  const coordinator = await DishonestCoordinator.takeOver(cluster, authors);
  await site.start();
  const tell = (frame: Uint8Array) => wiretap.deliver(site.transportId, 'control', frame);
  await tell(coordinator.noticeFrame());
  const { members, seq } = coordinator.state.roster;
  await cluster.until('the newest roster', () => site.peer.status().roster.seq === seq);
  t.is(members.length, 4);
  return { cluster, coordinator, site, tell };
}

type Deceived = Awaited<ReturnType<typeof deceived>>;

/** Tells the site a plan and its sum; returns what became of its vote. */
async function ballot({ cluster, coordinator, site, tell }: Deceived, options: SumOptions = {}) {
  const plan = await coordinator.plan();
  const before = site.counted('starling_peer_votes_total');
  await tell(coordinator.planFrame(plan));
  await tell(coordinator.sumFrame(await coordinator.sum(plan, options)));
  await cluster.until('the decision of the voter', () => {
    return site.counted('starling_peer_votes_total') > before;
  });
  const samples = site.meter.snapshot();
  const outcomes = samples.filter(({ name }) => name === 'starling_peer_votes_total');
  return { outcome: outcomes.at(-1)?.labels['outcome'], votes: await site.store.count('vote') };
}

const zeros = () => new Float32Array(ELEMENTS);
const empty = digestOf(new Uint8Array());

test('a site votes for a sum that it gets itself', async (t) => {
  t.deepEqual(await ballot(await deceived(t)), { outcome: 'cast', votes: 1 });
});

const lies: readonly (readonly [string, SumOptions, RefusalReason])[] = [
  ['is another model', { claim: { model: { bytes: ELEMENTS * 4, root: empty } } }, 'equivocation'],
  ['leaves a member out', { arrange: (frames) => frames.slice(1) }, 'wrong-shape'],
  ['counts one twice', { arrange: ([a, b]) => [a, a, b].flatMap((f) => f ?? []) }, 'wrong-shape'],
  ['is out of order', { arrange: (frames) => frames.toReversed() }, 'wrong-shape'],
  ['is of no frames', { arrange: () => ['a', 'b'] }, 'wrong-shape'],
  ['takes a long update', { delta: zeros().fill(1) }, 'norm-exceeded'],
  ['takes a NaN', { delta: zeros().fill(Number.NaN) }, 'non-finite'],
  ['has a huge bundle', { claim: { updates: { bytes: 1 << 28, root: empty } } }, 'oversized'],
];

for (const [title, options, reason] of lies) {
  test(`a sum that ${title} gets no vote`, async (t) => {
    t.deepEqual(await ballot(await deceived(t), options), { outcome: reason, votes: 0 });
  });
}

test('a member named missing although its update is summed gets the sum no vote', async (t) => {
  const world = await deceived(t);
  const [author] = world.coordinator.authors;
  const member = author?.identity.member ?? identityOf('x').member;
  const claim = { missing: [{ member, reason: 'timeout' as const }] };
  t.deepEqual(await ballot(world, { claim }), { outcome: 'wrong-shape', votes: 0 });
});

test('a plan asks for what was agreed or for less', async (t) => {
  const { coordinator, site, tell } = await deceived(t);
  const honest = await coordinator.plan();
  const stranger = identityOf('stranger').member;
  const { training } = TASK;
  const cases: readonly (readonly [Partial<RoundPlan>, RefusalReason])[] = [
    [{ voters: honest.voters.slice(1) }, 'wrong-shape'],
    [{ voters: [...honest.voters, stranger].sort() }, 'wrong-shape'],
    [{ voters: honest.voters.toReversed() }, 'wrong-shape'],
    [{ cohort: [...honest.cohort, stranger] }, 'wrong-shape'],
    [{ clippingNormMicros: TASK.clippingNormMicros + 1 }, 'not-permitted'],
    [{ training: { ...training, localEpochs: 2 } }, 'not-permitted'],
    [{ training: { ...training, learningRateMicros: 5_001 } }, 'not-permitted'],
    [{ training: { ...training, temperatureMicros: 1 } }, 'not-permitted'],
    [{ elements: ELEMENTS + 8 }, 'wrong-dimension'],
    [{ roster: empty }, 'unknown-plan'],
  ];
  for (const [changes, reason] of cases) {
    const verdict = await tell(coordinator.planFrame({ ...honest, ...changes }));
    t.like(verdict, { reason });
    const counted = { outcome: reason, topic: 'control' };
    t.true(site.counted('starling_peer_messages_total', counted) > 0);
  }
  t.like(await tell(coordinator.planFrame(honest)), { kind: 'accept' });
});

test('a second plan for a round and a second sum for a plan change nothing', async (t) => {
  const world = await deceived(t);
  const { cluster, coordinator, site, tell } = world;
  const plan = await coordinator.plan();
  const other = await coordinator.plan({ seed: 2 });
  await tell(coordinator.planFrame(plan));
  const equivocation = { kind: 'ignore', reason: 'equivocation' } as const;
  t.like(await tell(coordinator.planFrame(other)), equivocation);
  t.like(await tell(coordinator.sumFrame(await coordinator.sum(other))), {
    reason: 'unknown-plan',
  });
  const sum = await coordinator.sum(plan);
  t.like(await tell(coordinator.sumFrame(sum)), { kind: 'accept' });
  t.like(await tell(coordinator.sumFrame({ ...sum, updates: sum.model })), equivocation);
  await cluster.until('the vote', () => site.counted('starling_peer_votes_total') === 1);
  t.is(await site.store.count('vote'), 1);
});

test('a plan, a sum or a roster of another signer is not heard', async (t) => {
  const { cluster, coordinator, tell } = await deceived(t);
  const plan = await coordinator.plan();
  const sum = await coordinator.sum(plan);
  const impostor = cluster.sites[1]?.identity ?? identityOf('impostor');
  const { node } = cluster;
  const honest = node.identity;
  Object.assign(node, { identity: impostor });
  t.like(await tell(coordinator.planFrame(plan)), { reason: 'unknown-sender' });
  t.like(await tell(coordinator.sumFrame(sum)), { reason: 'unknown-sender' });
  t.like(await tell(coordinator.statusFrame({})), { reason: 'unknown-sender' });
  Object.assign(node, { identity: honest });
});

test('a version without a certificate of a quorum is not adopted', async (t) => {
  const { cluster, coordinator, site, tell } = await deceived(t);
  const plan = await coordinator.plan();
  const sum = await coordinator.sum(plan);
  const other = await coordinator.sum(plan, { delta: zeros() });
  const honest = coordinator.proof(plan, sum);
  const [a, b] = coordinator.authors as [ClusterSite, ClusterSite];
  const { body, signatures } = honest.certificate;
  const lying = [
    { ...honest, certificate: coordinator.certificate(sum, [a]) },
    { ...honest, certificate: coordinator.certificate(sum, [a, a, b]) },
    { ...honest, certificate: coordinator.certificate(sum, [b, a]) },
    { ...honest, model: other.model },
    {
      ...honest,
      certificate: {
        body,
        signatures: signatures.with(0, {
          member: a.identity.member,
          signature: new Uint8Array(3309),
        }),
      },
    },
    { ...honest, plan: coordinator.planFrame({ ...plan, seed: 9 }) },
    { ...honest, plan: coordinator.planFrame({ ...plan, voters: [a.identity.member] }) },
    { ...honest, certificate: coordinator.certificate({ ...sum, version: 2 }, [a, b]) },
  ];
  for (const [i, proof] of lying.entries()) {
    t.false(checkVersionProof(proof, 1, coordinator.state).ok, `proof ${i}`);
    coordinator.answerWith(proof);
    t.like(await tell(coordinator.statusFrame({ version: 1 })), { kind: 'accept' });
    await cluster.clock.advance(50);
    t.is(site.peer.status().model.version, 0, `proof ${i}`);
  }
  t.true(checkVersionProof(honest, 1, coordinator.state).ok);
  coordinator.answerWith(honest);
  await tell(coordinator.statusFrame({ version: 1 }));
  await cluster.until('the version', () => site.peer.status().model.version === 1);
  t.is(site.peer.status().model.root, sum.model.root);
});

test('a site signs one vote for a version, however often it starts again', async (t) => {
  const { cluster, coordinator, site, tell } = await deceived(t);
  const framesOf = async (plan: RoundPlan) => {
    const frame = coordinator.sumFrame(await coordinator.sum(plan));
    return [coordinator.planFrame(plan), frame] as const;
  };
  const first = await framesOf(await coordinator.plan());
  const other = await framesOf(await coordinator.plan({ seed: 2 }));
  const decides = async (frames: readonly Uint8Array[], outcome: string, count: number) => {
    for (const frame of frames) t.is((await tell(frame)).kind, 'accept');
    await cluster.until(outcome, () => {
      return site.counted('starling_peer_votes_total', { outcome }) === count;
    });
    return site.store.get('vote', '1');
  };
  const vote = await decides(first, 'cast', 1);
  t.truthy(vote);
  await site.stop();
  await site.start();
  t.deepEqual(await decides(other, 'duplicate', 1), vote);
  await site.stop();
  await site.start();
  t.deepEqual(await decides(first, 'cast', 2), vote);
});
