// Sites whose chain is decided by polls: one order for all, certificates where polls are stuck, and
// nothing said twice that may be said once.

import { CERTIFICATE_BLOCKS } from '@starling/consensus';
import test from 'ava';
import { doubleVotes, untilDecided, votesIn } from './chain-cluster.ts';
import type { ClusterSite } from './cluster-site.ts';
import { MemoryCluster } from './memory-cluster.ts';
import {
  assertOneChain,
  doubleStarts,
  FIVE,
  hasHalted,
  hasSetting,
  propose,
  SEVEN,
  untilVoters,
} from './snow-cluster.ts';
import { Wiretap } from './wiretap.ts';

test('five sites decide every model version by polls, in one order and to one root', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, {
    sites: 5,
    chainEngine: FIVE,
    wrapBus: wiretap.wrap,
  });
  await cluster.coordinator.planRounds(2, 5);
  await cluster.untilFinished();
  await untilDecided(cluster, 2);
  const [first] = cluster.sites as [ClusterSite];
  const decisions = first.peer.chain.decisions();
  t.deepEqual(
    decisions.flatMap(({ entries }) => entries.map(({ summary }) => summary)),
    ['model encoder 1 on 0', 'model encoder 2 on 1'],
  );
  t.like(decisions.at(-1), { finality: 'metastable', polled: { k: 5 }, certificateBytes: 0 });
  t.like(first.peer.chain.status(), { engine: 'snow', standing: 'voter', epoch: 1 });
  t.regex(first.peer.chain.status().tolerance, /metastably/);
  assertOneChain(t, cluster.sites);
  t.deepEqual(votesIn(wiretap.heard), []);
});

test('a stall ends in a certificate era and comes back to polls', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, {
    sites: 7,
    chainEngine: SEVEN,
    wrapBus: wiretap.wrap,
  });
  await cluster.coordinator.planRounds(1, 7);
  await cluster.untilFinished();
  await untilDecided(cluster, 1);
  await untilVoters(cluster);
  const ids = [cluster.node, ...cluster.sites].map(({ transportId }) => transportId);
  const here = cluster.sites.slice(0, 5);
  cluster.network.partition(ids.slice(0, 6), ids.slice(6));
  await propose(here, 'stalled');
  await cluster.until('a starting vote on five disks', async () => {
    const halted = await Promise.all(here.map(hasHalted));
    return halted.every(Boolean);
  });
  t.false(here.some((site) => hasSetting(site, 'stalled')));
  // One that halted is started again over its own journal.
  const again = here[1] as ClusterSite;
  await again.stop();
  await again.start();
  cluster.network.heal();
  await cluster.until('decided by certificates', () =>
    cluster.sites.every((site) => site.isRunning && hasSetting(site, 'stalled')),
  );
  for (let i = 0; i < 9; i++) {
    await propose(cluster.sites, `name${i}`);
    await cluster.until(`setting ${i}`, () =>
      cluster.sites.every((site) => hasSetting(site, `name${i}`)),
    );
  }
  const finalities = (here[0] as ClusterSite).peer.chain
    .decisions()
    .map(({ finality }) => finality);
  t.is(finalities[0], 'metastable');
  t.is(finalities.at(-1), 'metastable');
  t.true(finalities.filter((each) => each === 'certificate').length >= CERTIFICATE_BLOCKS);
  assertOneChain(t, cluster.sites);
  t.deepEqual(doubleStarts(wiretap.heard), []);
  t.deepEqual(doubleVotes(votesIn(wiretap.heard)), []);
});
