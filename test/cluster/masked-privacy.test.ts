// Private masked rounds: noise in every vector, and a budget that is paid or keeps the vector here.

import { DEFAULT_PRIVACY_LIMIT, PrivacyBudget } from '@starling/peer';
import type { MaskedAggregation } from '@starling/shared';
import test from 'ava';
import type { ClusterSite } from './cluster-site.ts';
import { MaskedRun } from './masked-run.ts';
import { MASKED } from './memory-cluster.ts';

const PRIVATE: MaskedAggregation = {
  ...MASKED,
  noise: { mechanism: 'skellam', noiseMultiplierMicros: 1_000_000 },
};

/** What a site has on its disk. */
async function spendingOf(site: ClusterSite) {
  return (await PrivacyBudget.open(site.store, DEFAULT_PRIVACY_LIMIT)).summary();
}

test('private rounds end with one model everywhere, and each is paid for once', async (t) => {
  const run = await MaskedRun.start(t, 4, { aggregation: PRIVATE });
  const { cluster } = run;
  run.hold('masked', 3);
  await run.next();
  await run.untilAllBut('masked', 3);
  await run.site(3).stop();
  await cluster.untilFinished();
  run.letGo('masked', 3);
  await run.site(3).start();
  await run.next();
  await cluster.untilFinished();
  const { model } = await cluster.coordinator.status();
  for (const [i, site] of cluster.sites.entries()) {
    t.is(site.peer.status().model.root, model);
    t.is((await spendingOf(site)).rounds.length, 2, `site ${i}`);
  }
});

test('a site whose budget would be exceeded keeps its vector, and the round goes on at once', async (t) => {
  const run = await MaskedRun.start(t, 4, { aggregation: PRIVATE });
  const { cluster } = run;
  const [poor] = run.members(2);
  await run.site(2).stop();
  run.site(2).privacyLimit = { unit: 'site', epsilonMax: 0.01, delta: 1e-5 };
  await run.site(2).start();
  await run.next();
  await cluster.untilFinished();
  t.deepEqual(run.missing(), [[poor, 'declined']]);
  t.is(run.site(2).counted('starling_peer_secagg_aborts_total', { reason: 'over-budget' }), 1);
  t.deepEqual(await run.opened(), { seeds: 1, selves: 3 });
  t.is((await spendingOf(run.site(2))).rounds.length, 0);
  t.is(run.site(2).peer.status().model.version, 1, 'it votes and adopts all the same');
});
