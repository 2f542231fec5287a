// Masked rounds in one process: the same model everywhere, and no update in the clear.

import test from 'ava';
import { MASKED, MemoryCluster } from './memory-cluster.ts';

test('three masked rounds end with every site on the same certified version', async (t) => {
  const cluster = await MemoryCluster.start(t, { sites: 4, aggregation: MASKED });
  await cluster.coordinator.planRounds(3, 4);
  await cluster.untilFinished();
  const status = await cluster.coordinator.status();
  t.is(status.version, 3);
  for (const site of cluster.sites) {
    t.like(site.peer.status().model, { version: 3, root: status.model });
  }
  for (const { masked, missing, updates } of status.rounds) {
    t.like(masked, { participants: 4, sharers: 4, survivors: 4, attempts: 1, clippedMicros: 0 });
    t.is(updates.length, 4);
    t.deepEqual(missing, []);
  }
});

test('masked rounds end with everyone in the sum although a third of all gossip is lost', async (t) => {
  const terms = { sites: 4, aggregation: MASKED, gossipLoss: 1 / 3 };
  const cluster = await MemoryCluster.start(t, terms);
  await cluster.coordinator.planRounds(2, 4);
  await cluster.untilFinished();
  const { rounds, version } = await cluster.coordinator.status();
  t.is(version, 2);
  for (const { missing, updates } of rounds) t.deepEqual([updates.length, missing], [4, []]);
  for (const site of cluster.sites) t.is(site.counted('starling_peer_secagg_aborts_total'), 0);
});
