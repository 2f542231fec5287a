// Versions after they are final: pinned, measured by every site, brought back; and a run that ends early.

import { CoordinatorError } from '@starling/coordinator';
import { versionProof } from '@starling/rules';
import {
  type Aggregate,
  encodeCanonical,
  type RefusalReason,
  type RoundPlan,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { DishonestCoordinator } from './dishonest-coordinator.ts';
import { MASKED, MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

async function afterRounds(t: ExecutionContext, rounds: number): Promise<MemoryCluster> {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(rounds, 3);
  await cluster.untilFinished();
  return cluster;
}

function rootOf(cluster: MemoryCluster, version: number): string {
  return cluster.replay().versions.find((each) => each.version === version)?.model.root ?? '';
}

test('a rollback is a certified version like any other: everyone ends on the same hash', async (t) => {
  const cluster = await afterRounds(t, 3);
  await cluster.coordinator.models.rollback(1);
  await cluster.untilEvent('version-finalised', 4);
  await cluster.untilFinished();
  const root = rootOf(cluster, 1);
  t.not(root, rootOf(cluster, 3));
  for (const { peer } of cluster.sites) t.like(peer.status().model, { version: 4, root });
  const [newest, third, second, first] = cluster.coordinator.models.versions();
  t.like(newest, { base: 3, contributors: [], restores: 1, rolledBackTo: null, version: 4 });
  t.deepEqual([third?.rolledBackTo, second?.rolledBackTo, first?.rolledBackTo], [4, 4, null]);
  const trained = cluster.events().filter(({ type }) => type === 'update-received');
  t.is(trained.length, 9, 'nobody trains for a rollback');
  t.notThrows(() => cluster.replay().ledger.assertBalanced());
});

test('the next round after a rollback trains from the version that came back', async (t) => {
  const cluster = await afterRounds(t, 2);
  await cluster.coordinator.models.rollback(1);
  await cluster.untilEvent('version-finalised', 3);
  await cluster.coordinator.planRounds(4, 3);
  await cluster.untilEvent('version-finalised', 4);
  await cluster.untilFinished();
  const last = cluster.replay().versions.at(-1);
  t.is(String(last?.base), rootOf(cluster, 1));
  t.is(last?.contributors.length, 3);
});

test('a rollback of masked rounds survives a restart, and spends nothing of a site’s budget', async (t) => {
  const cluster = await MemoryCluster.start(t, { aggregation: MASKED, sites: 4 });
  await cluster.coordinator.planRounds(2, 4);
  await cluster.untilFinished();
  const sessions = cluster.events().filter(({ type }) => type === 'session-opened').length;
  await cluster.coordinator.models.rollback(1);
  await cluster.stopCoordinator();
  await cluster.startCoordinator();
  await cluster.untilEvent('version-finalised', 3);
  await cluster.untilFinished();
  for (const { peer } of cluster.sites) {
    t.like(peer.status().model, { version: 3, root: rootOf(cluster, 1) });
  }
  t.is(cluster.events().filter(({ type }) => type === 'session-opened').length, sessions);
});

test('what cannot be rolled back is refused with what can', async (t) => {
  const cluster = await afterRounds(t, 2);
  const { models } = cluster.coordinator;
  const refused = async (version: number, code: string, message: RegExp) => {
    const error = { instanceOf: CoordinatorError, code, message };
    await t.throwsAsync(models.rollback(version), error);
  };
  await refused(7, 'unknown-version', /known are 1 to 2/);
  await refused(2, 'not-permitted', /newest version is already/);
  t.false(cluster.events().some(({ type }) => type === 'rollback-planned'));
});

/** A site of a finished run of two rounds, and the coordinator's keys in the wrong hands. */
async function deceived(t: ExecutionContext) {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  const [site] = cluster.sites as [ClusterSite];
  const coordinator = await DishonestCoordinator.takeOver(cluster, cluster.sites);
  const { rosterDigest, versions } = cluster.replay();
  const [one, two] = versions;
  if (one === undefined || two === undefined) throw new Error('there are no two versions');
  const { payloads } = cluster.node;
  const evidence = (record = one) => payloads.offer(encodeCanonical(versionProof(record)));
  const plan = await coordinator.plan({
    base: two.model.root,
    baseVersion: 2,
    cohort: cluster.sites.map(({ identity }) => identity.member).sort(),
    restores: { model: one.model, version: 1 },
    roster: rosterDigest,
    round: 3,
  });
  return { cluster, coordinator, evidence, one, plan, site, two, wiretap };
}

type Deceived = Awaited<ReturnType<typeof deceived>>;

async function ballot(
  { cluster, coordinator, site, wiretap }: Deceived,
  plan: RoundPlan,
  claim: Partial<Aggregate>,
) {
  const before = site.counted('starling_peer_votes_total');
  const tell = (frame: Uint8Array) => wiretap.deliver(site.transportId, 'control', frame);
  await tell(coordinator.planFrame(plan));
  await tell(coordinator.sumFrame(await coordinator.sum(plan, { claim })));
  await cluster.until('the decision of the voter', () => {
    return site.counted('starling_peer_votes_total') > before;
  });
  const own = await site.store.get('vote', '3');
  const samples = site.meter.snapshot().filter(({ name }) => name === 'starling_peer_votes_total');
  return { outcome: samples.at(-1)?.labels['outcome'], voted: own !== undefined };
}

test('a site votes for a rollback to the model that was certified', async (t) => {
  const world = await deceived(t);
  const claim = { model: world.one.model, updates: await world.evidence() };
  const { voted } = await ballot(world, world.plan, claim);
  t.true(voted);
});

const lies: readonly (readonly [
  string,
  RefusalReason,
  (world: Deceived) => Promise<{ plan?: Partial<RoundPlan>; claim: Partial<Aggregate> }>,
])[] = [
  [
    'sums to another model than it restores',
    'equivocation',
    async ({ evidence, two }) => ({ claim: { model: two.model, updates: await evidence() } }),
  ],
  [
    'names a model that the version was not',
    'equivocation',
    async ({ evidence, two }) => ({
      claim: { model: two.model, updates: await evidence() },
      plan: { restores: { model: two.model, version: 1 } },
    }),
  ],
  [
    'proves another version',
    'wrong-shape',
    async ({ evidence, one, two }) => ({
      claim: { model: one.model, updates: await evidence(two) },
    }),
  ],
  [
    'proves nothing',
    'wrong-shape',
    async ({ cluster, one }) => ({
      claim: { model: one.model, updates: await cluster.node.payloads.offer(Uint8Array.of(0)) },
    }),
  ],
];

for (const [title, reason, lie] of lies) {
  test(`a rollback that ${title} gets no vote`, async (t) => {
    const world = await deceived(t);
    const { claim, plan } = await lie(world);
    const outcome = await ballot(world, { ...world.plan, ...plan }, claim);
    t.deepEqual(outcome, { outcome: reason, voted: false });
  });
}

test('a plan that restores what comes after it is refused', async (t) => {
  const { coordinator, plan, site, two, wiretap } = await deceived(t);
  const frame = coordinator.planFrame({ ...plan, restores: { model: two.model, version: 3 } });
  const verdict = await wiretap.deliver(site.transportId, 'control', frame);
  t.like(verdict, { kind: 'reject', reason: 'wrong-shape' });
});

test('each site measures each version it adopts, and the matrix has every cell once', async (t) => {
  const cluster = await afterRounds(t, 3);
  await cluster.untilEvent('version-measured', 9);
  const { cells, sites, versions } = cluster.coordinator.models.matrix();
  t.deepEqual([...sites].sort(), ['site1', 'site2', 'site3']);
  t.deepEqual(versions, [1, 2, 3]);
  t.is(new Set(cells.map(({ site, version }) => `${site} ${version}`)).size, 9);
  t.true(cells.every(({ examples, recallAt10 }) => examples > 0 && recallAt10 <= 1));
  const [newest] = cluster.coordinator.models.versions();
  t.deepEqual(Object.keys(newest?.metrics ?? {}).sort(), [
    'loss',
    'recall-at-10',
    'reciprocal-rank',
  ]);
});

test('a pin names metric and direction, takes the former’s place, and ends with its own version', async (t) => {
  const cluster = await afterRounds(t, 2);
  const { models } = cluster.coordinator;
  const best = { direction: 'higher', metric: 'recall-at-10' } as const;
  await models.pin({ ...best, version: 1 });
  await models.pin({ ...best, version: 2 });
  t.is((await cluster.coordinator.status()).pinned, 2);
  t.deepEqual(
    models.versions().map(({ pinned }) => pinned),
    [true, false],
  );
  const isUnknown = { instanceOf: CoordinatorError, code: 'unknown-version' };
  await t.throwsAsync(models.unpin(1), { ...isUnknown, message: /version 2 is/ });
  await t.throwsAsync(models.pin({ ...best, version: 9 }), isUnknown);
  const wrong = { ...best, metric: 'Recall', version: 1 };
  await t.throwsAsync(models.pin(wrong), { code: 'invalid-pin', message: /lower case/ });
  await models.unpin(2);
  t.is(models.pinned, null);
});

test('a run without an improvement ends early, and the status says why', async (t) => {
  const stopping = { metric: 'loss', minDeltaMicros: 500_000_000, patience: 2 } as const;
  const cluster = await MemoryCluster.start(t, { stopping });
  await cluster.coordinator.planRounds(9, 3);
  await cluster.untilFinished();
  const status = await cluster.coordinator.status();
  t.is(status.version, 3);
  t.regex(status.stopped ?? '', /^loss is no better than version 1's \d.* for 2 versions$/);
  await cluster.coordinator.planRounds(9, 3);
  t.is((await cluster.coordinator.status()).stopped, null, 'a run that is planned anew goes on');
});
