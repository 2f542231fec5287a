// Sites that train longer than a round waits, or are cut off when they have trained: what they made
// counts in the next round, once.

import { digestOf } from '@starling/crypto';
import { KeptTrainings, SpentMarks } from '@starling/peer';
import type { RoundState } from '@starling/rules';
import test, { type ExecutionContext } from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { type ClusterOptions, fixedTime, MASKED, MemoryCluster } from './memory-cluster.ts';
import { SlowTrainer } from './slow-trainer.ts';

const TRAIN_WITHIN_MS = 60_000;
const SCHEDULE = { training: fixedTime(TRAIN_WITHIN_MS), phase: fixedTime(TRAIN_WITHIN_MS) };

/** Four sites, ready; the last one's training can be held back. */
async function withSlowSite(t: ExecutionContext, options: Partial<ClusterOptions> = {}) {
  const cluster = await MemoryCluster.found(t, { sites: 4, schedule: SCHEDULE, ...options });
  await cluster.admitAll();
  const slow = cluster.sites[3] as ClusterSite;
  const trainer = new SlowTrainer(slow);
  for (const site of cluster.sites) await site.start();
  await cluster.until('every site is ready', async () => {
    const { members } = await cluster.coordinator.status();
    return members.every(({ connected, ready }) => connected && ready);
  });
  return {
    cluster,
    slow,
    trainer,
    plan: (rounds: number) => cluster.coordinator.planRounds(rounds, 4),
  };
}

function roundOf(cluster: MemoryCluster, number: number): RoundState {
  const { round, roundHistory } = cluster.replay();
  const found = [...roundHistory, ...(round === undefined ? [] : [round])].find(
    ({ plan }) => plan.round === number,
  );
  if (found === undefined) throw new Error(`there was no round ${number}`);
  return found;
}

async function untilRound(cluster: MemoryCluster, number: number, phase: string): Promise<void> {
  await cluster.until(`round ${number} is ${phase}`, async () => {
    const { rounds } = await cluster.coordinator.status();
    return rounds.some((each) => each.round === number && each.phase === phase);
  });
}

test('a site slower than the round counts in the next one, from its older base, in every vote', async (t) => {
  const { cluster, plan, slow, trainer } = await withSlowSite(t);
  const { member } = slow.identity;
  trainer.hold();
  await plan(2);
  await untilRound(cluster, 2, 'training');
  t.deepEqual(roundOf(cluster, 1).missing, [{ member, phase: 'training', reason: 'timeout' }]);
  trainer.letGo();
  await cluster.untilFinished();
  const [first, second] = [roundOf(cluster, 1), roundOf(cluster, 2)];
  t.deepEqual(second.missing, []);
  t.is(second.updates.get(member)?.body.base, first.plan.base);
  t.not(second.plan.base, first.plan.base);
  t.true(second.votes.size >= 3, 'others add it up to the same bits');
  t.is(trainer.waits, 1, 'it did not begin again');
  t.deepEqual((await KeptTrainings.open(slow.store)).rounds, [1]);
  await plan(3);
  await cluster.untilFinished();
  t.is(roundOf(cluster, 3).updates.get(member)?.body.base, roundOf(cluster, 3).plan.base);
  t.deepEqual((await KeptTrainings.open(slow.store)).rounds, [1, 3], 'each training counts once');
});

test('where late updates are not allowed a slow site stops and trains for the next round', async (t) => {
  const schedule = { ...SCHEDULE, late: { stalenessMax: 0 } };
  const { cluster, plan, slow, trainer } = await withSlowSite(t, { schedule });
  trainer.hold();
  await plan(2);
  await untilRound(cluster, 2, 'training');
  await cluster.until('its training began again', () => trainer.waits === 2);
  trainer.letGo();
  await cluster.untilFinished();
  const second = roundOf(cluster, 2);
  t.is(second.updates.get(slow.identity.member)?.body.base, second.plan.base);
});

test('a site that is cut off for six minutes loses nothing that it trained, over a restart too', async (t) => {
  const { cluster, plan, slow, trainer } = await withSlowSite(t);
  const { member } = slow.identity;
  trainer.hold();
  await plan(1);
  await cluster.until('it trains', () => trainer.waits === 1);
  const others = [cluster.node, ...cluster.sites.slice(0, 3)];
  cluster.network.partition(others.map(({ transportId }) => transportId));
  trainer.letGo();
  await untilRound(cluster, 1, 'final');
  t.deepEqual(roundOf(cluster, 1).missing, [{ member, phase: 'training', reason: 'offline' }]);
  await cluster.clock.advance(6 * 60_000);
  await cluster.until('it has trained', async () => {
    return (await KeptTrainings.open(slow.store)).rounds.length === 1;
  });
  await slow.stop();
  cluster.network.heal();
  await slow.start();
  await cluster.until('it is back', async () => {
    const { members } = await cluster.coordinator.status();
    return members.every(({ connected, ready }) => connected && ready);
  });
  await plan(2);
  await cluster.untilFinished();
  const second = roundOf(cluster, 2);
  t.deepEqual(second.missing, []);
  t.is(second.updates.get(member)?.body.base, roundOf(cluster, 1).plan.base);
  t.is(trainer.waits, 1);
});

test('a slow site masks its update for the next round, and is not asked for it twice', async (t) => {
  const { cluster, plan, slow, trainer } = await withSlowSite(t, { aggregation: MASKED });
  const { member } = slow.identity;
  trainer.hold();
  await plan(2);
  await untilRound(cluster, 2, 'training');
  t.deepEqual(roundOf(cluster, 1).missing, [{ member, phase: 'training', reason: 'timeout' }]);
  trainer.letGo();
  await cluster.untilFinished();
  t.deepEqual(roundOf(cluster, 2).missing, []);
  const kept = await KeptTrainings.open(slow.store);
  t.deepEqual(kept.rounds, [1]);
  const update = (await kept.of(1))?.record.delta ?? digestOf(new Uint8Array());
  const mark = (await SpentMarks.open(slow.store)).standing({ round: 0, update });
  t.is(mark?.round, 2, 'what it trained for round 1 was spent in round 2');
  await plan(3);
  await cluster.untilFinished();
  t.is(roundOf(cluster, 3).plan.late, undefined);
  t.deepEqual((await KeptTrainings.open(slow.store)).rounds, [1, 3]);
  t.is((await cluster.coordinator.status()).version, 3);
});
