// Sites that can give no update: they say why in a signed message, the others go on at once, and the
// round's result names the reason.

import { withdrawalText } from '@starling/shared';
import { type EncoderTrainer, encoderEngine, TrainingError } from '@starling/training';
import test from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MASKED, MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

const SECRET = 'patient 4711';

function brokenTrainer(error: Error): () => EncoderTrainer {
  return () => ({
    engine: (shape) => encoderEngine('built-in', shape),
    fit: () => Promise.reject(error),
    stop: async () => undefined,
  });
}

const exploded = new TrainingError('non-finite-loss', `loss is NaN for ${SECRET}`, { step: 12 });

async function brokenCluster(
  t: Parameters<typeof MemoryCluster.found>[0],
  options: Parameters<typeof MemoryCluster.found>[1],
  broken: number,
): Promise<{ readonly cluster: MemoryCluster; readonly site: ClusterSite }> {
  const cluster = await MemoryCluster.found(t, options);
  await cluster.admitAll();
  for (const site of cluster.sites.slice(0, broken)) site.createTrainer = brokenTrainer(exploded);
  for (const site of cluster.sites) await site.start();
  await cluster.coordinator.planRounds(1, cluster.sites.length);
  const [site] = cluster.sites;
  if (site === undefined) throw new Error('a cluster has sites');
  return { cluster, site };
}

for (const [name, aggregation] of [
  ['plain', { mode: 'plain' }],
  ['masked', MASKED],
] as const) {
  test(`a loss that is no number ends a site's part of a ${name} round with its reason, not the round`, async (t) => {
    const wiretap = new Wiretap();
    const options = { aggregation, sites: 4, wrapBus: wiretap.wrap };
    const { cluster, site } = await brokenCluster(t, options, 1);
    await cluster.untilFinished();
    const { member } = site.identity;
    const { rounds, version } = await cluster.coordinator.status();
    t.is(version, 1);
    t.like(rounds[0], { phase: 'final', missing: [{ member, reason: 'declined' }] });
    const text = 'non-finite loss at step 12';
    t.deepEqual(rounds[0]?.withdrawals, [{ member, reason: 'non-finite-loss', step: 12, text }]);
    t.is(rounds[0]?.updates.length, 3);
    t.true((rounds[0]?.closedAtMs ?? 0) - (rounds[0]?.openedAtMs ?? 0) < 60_000, 'nobody waited');
    t.false(
      Buffer.concat(wiretap.heard).includes(SECRET),
      'the words of the error stay at the site',
    );
    t.like(cluster.replay().round?.withdrawn.get(member), { reason: 'non-finite-loss' });
  });
}

test('a round whose sites withdraw so that too few are left fails at once, and the next one can be', async (t) => {
  const { cluster } = await brokenCluster(t, { sites: 3 }, 2);
  await cluster.untilEvent('round-failed');
  const { rounds } = await cluster.coordinator.status();
  t.is(rounds[0]?.withdrawals.length, 2);
  t.regex(rounds[0]?.failure ?? '', /1 updates, at least 2 are needed/);
  t.true((rounds[0]?.closedAtMs ?? 0) - (rounds[0]?.openedAtMs ?? 0) < 60_000, 'nobody waited');
});

test('a withdrawal for another plan or from outside the cohort changes nothing, a second one neither', async (t) => {
  const wiretap = new Wiretap();
  const { cluster, site } = await brokenCluster(t, { sites: 3, wrapBus: wiretap.wrap }, 1);
  await cluster.untilEvent('site-withdrew');
  await cluster.untilFinished();
  t.is(cluster.events().filter(({ type }) => type === 'site-withdrew').length, 1);
  const frame = wiretap.heard.find((bytes) => Buffer.from(bytes).includes('withdrawal'));
  if (frame === undefined) return t.fail('no withdrawal was heard');
  const again = await wiretap.deliver(cluster.node.transportId, 'site', frame);
  t.is(again.kind, 'ignore');
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilEvent('round-opened', 2);
  const late = await wiretap.deliver(cluster.node.transportId, 'site', frame);
  t.like(late, { kind: 'ignore', reason: 'stale-round' });
  t.is(site.peer.status().training, null);
});

test('a reason reads as words', (t) => {
  t.is(withdrawalText({ reason: 'non-finite-loss', step: 12 }), 'non-finite loss at step 12');
  t.is(withdrawalText({ reason: 'privacy-budget', step: null }), 'privacy budget');
});
