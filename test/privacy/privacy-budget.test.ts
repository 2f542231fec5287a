// The budget of a collection over stores: what was promised stands on the disk before an update goes.

import { MemoryPeerStore, openSqlitePeerStore } from '@starling/adapters';
import {
  centralCost,
  combinedCost,
  domainDigest,
  gradientCost,
  NO_NOISE,
  RdpCurve,
} from '@starling/crypto';
import {
  DEFAULT_PRIVACY_LIMIT,
  PrivacyBudget,
  type PrivacyLimit,
  wouldExceed,
} from '@starling/peer';
import { type Digest, PeerStoreError, type PeerWrite } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { runUntilKilled } from '../contracts/killed-child.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';

const GRADIENTS = gradientCost({ noiseMultiplier: 1.3, rate: 0.01, steps: 7 });
const CENTRAL = centralCost(5, { kind: 'all' });

const limitOf = (epsilonMax: number | null, unit: PrivacyLimit['unit'] = 'example') => ({
  ...DEFAULT_PRIVACY_LIMIT,
  epsilonMax,
  unit,
});
const planOf = (name: number): Digest =>
  domainDigest('plan', new TextEncoder().encode(String(name)));

const spentBy = (budget: PrivacyBudget) => budget.summary().spent.example.epsilonTight ?? 0;

/** ε that a number of equal rounds costs. */
function epsilonOf(curve: RdpCurve, rounds: number): number {
  return curve.times(rounds).epsilon(1e-5, 'tight').epsilon;
}

test('rounds add up until the next one would exceed the limit, and that one is refused', async (t) => {
  const { site } = CENTRAL.curves;
  // A hair above ten rounds.
  const limit = limitOf(epsilonOf(site, 10) + 1e-9, 'site');
  const budget = await PrivacyBudget.open(new MemoryPeerStore(), limit);
  for (let round = 1; round <= 10; round++) {
    t.true((await budget.charge(planOf(round), round, CENTRAL)).ok);
  }
  const refused = await budget.charge(planOf(11), 11, CENTRAL);
  t.is(refused.ok ? '' : refused.refusal.reason, 'privacy-budget');
  t.is(refused.ok ? '' : refused.refusal.kind, 'ignore');
  t.regex(refused.ok ? '' : refused.refusal.detail, /ε would be .* the limit is/);
  t.false(budget.check(CENTRAL).ok);
  const { next, rounds, spent } = budget.summary();
  t.is(spent.site.rounds, 10);
  t.is(spent.site.epsilonTight, epsilonOf(site, 10));
  t.is(next.roundsLikeTheLast, 0);
  t.deepEqual(
    rounds.map(({ epsilonAfter }) => epsilonAfter.site),
    rounds.map((_, i) => epsilonOf(site, i + 1)),
  );
});

test('the same plan is charged once, and a dearer attempt raises its charge', async (t) => {
  const store = new MemoryPeerStore();
  const budget = await PrivacyBudget.open(store, limitOf(null));
  const first = await budget.charge(planOf(1), 1, GRADIENTS);
  for (const again of [budget, await PrivacyBudget.open(store, limitOf(0.01))]) {
    t.deepEqual(await again.charge(planOf(1), 1, GRADIENTS), first);
    t.is(again.summary().spent.example.rounds, 1);
  }
  // Cheaper for the site, dearer for an example: of each unit the dearer attempt counts.
  await budget.charge(planOf(2), 2, NO_NOISE);
  const [cheap, dear] = [centralCost(6, { kind: 'all' }), centralCost(4, { kind: 'all' })];
  for (const cost of [dear, cheap, GRADIENTS, cheap]) await budget.charge(planOf(3), 3, cost);
  for (const again of [budget, await PrivacyBudget.open(store, limitOf(null))]) {
    const { rounds, spent } = again.summary();
    t.is(rounds.length, 3);
    const most = GRADIENTS.curves.example.most(dear.curves.example);
    t.is(spent.example.epsilonTight, epsilonOf(most.plus(GRADIENTS.curves.example), 1));
    t.deepEqual([spent.site.rounds, spent.site.roundsWithoutBound], [0, 3]);
  }
  budget.setLimit(limitOf(spentBy(budget) + 1e-9));
  t.true((await budget.charge(planOf(3), 3, dear)).ok);
  const dearer = await budget.charge(planOf(3), 3, centralCost(1, { kind: 'all' }));
  t.is(dearer.ok ? '' : dearer.refusal.reason, 'privacy-budget');
  t.is(budget.summary().rounds.length, 3);
});

test('two charges at the same time do not both pass where one fits', async (t) => {
  const limit = limitOf(epsilonOf(GRADIENTS.curves.example, 1) + 1e-9);
  const budget = await PrivacyBudget.open(new MemoryPeerStore(), limit);
  const both = await Promise.all([1, 2].map((n) => budget.charge(planOf(n), n, GRADIENTS)));
  t.deepEqual(
    both.map(({ ok }) => ok),
    [true, false],
  );
});

test('with a limit, a round without noise for its unit is refused; without one it is counted', async (t) => {
  const limited = await PrivacyBudget.open(new MemoryPeerStore(), limitOf(1e6));
  const refused = await limited.charge(planOf(1), 1, NO_NOISE);
  t.regex(refused.ok ? '' : refused.refusal.detail, /spends without bound/);
  const bySite = await PrivacyBudget.open(new MemoryPeerStore(), limitOf(1e6, 'site'));
  t.false(bySite.check(GRADIENTS).ok);
  t.true(bySite.check(combinedCost(GRADIENTS, CENTRAL)).ok);
  const free = await PrivacyBudget.open(new MemoryPeerStore(), limitOf(null));
  t.true((await free.charge(planOf(1), 1, NO_NOISE)).ok);
  t.true((await free.charge(planOf(2), 2, GRADIENTS)).ok);
  const { next, rounds, spent } = free.summary();
  t.deepEqual(
    [spent.example.rounds, spent.example.roundsWithoutBound, spent.site.roundsWithoutBound],
    [1, 1, 2],
  );
  t.is(spent.example.epsilonTight, epsilonOf(GRADIENTS.curves.example, 1));
  t.deepEqual(rounds[1]?.epsilonAfter, { example: null, site: null });
  t.is(next.withoutNoise, null);
  t.is(JSON.stringify(free.summary()).includes('Infinity'), false);
});

test('a limit that is changed counts from the next round on', async (t) => {
  const budget = await PrivacyBudget.open(new MemoryPeerStore(), limitOf(0.1, 'site'));
  t.false((await budget.charge(planOf(1), 1, CENTRAL)).ok);
  budget.setLimit(limitOf(50, 'site'));
  t.true((await budget.charge(planOf(1), 1, CENTRAL)).ok);
  budget.setLimit(limitOf(0.1, 'site'));
  const { next } = budget.summary();
  t.is(next.noiseMultiplierMin, null);
  t.regex(next.likeTheLast ?? '', /the limit is 0.1/);
});

test('the least noise that is shown is taken, a little less is refused', async (t) => {
  const budget = await PrivacyBudget.open(new MemoryPeerStore(), limitOf(3, 'site'));
  await budget.charge(planOf(1), 1, CENTRAL);
  const least = budget.summary().next.noiseMultiplierMin ?? 0;
  t.true(least > 0 && least < 5);
  t.true(budget.check(centralCost(least, { kind: 'all' })).ok);
  t.false(budget.check(centralCost(least * 0.999, { kind: 'all' })).ok);
});

test('a charge that could not be written did not happen', async (t) => {
  class FullStore extends MemoryPeerStore {
    override async write(writes: readonly PeerWrite[]): Promise<void> {
      if (writes.length > 0) throw new PeerStoreError('storage', 'the disk is full');
    }
  }
  const budget = await PrivacyBudget.open(new FullStore(), limitOf(null));
  await t.throwsAsync(budget.charge(planOf(1), 1, GRADIENTS), { instanceOf: PeerStoreError });
  t.is(budget.summary().rounds.length, 0);
});

test('a record that is not what was written is named, not counted', async (t) => {
  for (const key of ['charge/x', 'curve/y', 'else']) {
    const store = new MemoryPeerStore();
    await store.write([{ table: 'privacy', key, value: new Uint8Array(9) }]);
    const error = await t.throwsAsync(PrivacyBudget.open(store, limitOf(null)), {
      instanceOf: PeerStoreError,
    });
    t.is(error?.code, 'corrupt');
  }
});

test('kill -9 loses no acknowledged charge', async (t: ExecutionContext) => {
  const folder = temporaryFolder(t);
  for (const count of [3, 11]) {
    const acknowledged = await runUntilKilled('charge-until-killed.ts', [folder], count);
    const store = openSqlitePeerStore(folder);
    const { rounds, spent } = (await PrivacyBudget.open(store, limitOf(null))).summary();
    t.true(rounds.length > acknowledged);
    t.true(rounds.every(({ round }, i) => round === i));
    t.is(spent.example.epsilonTight, epsilonOf(GRADIENTS.curves.example, rounds.length));
    await store.stop();
  }
});

test('exactly the limit is allowed, the next unit is not', (t) => {
  const cost = RdpCurve.of((order) => order / 10);
  const { epsilon } = cost.epsilon(1e-5, 'tight');
  t.is(wouldExceed(RdpCurve.ZERO, cost, limitOf(epsilon)), undefined);
  t.regex(wouldExceed(RdpCurve.ZERO, cost, limitOf(epsilon - 1e-12)) ?? '', /limit/);
  t.is(wouldExceed(RdpCurve.NO_BOUND, cost, limitOf(null)), undefined);
});
