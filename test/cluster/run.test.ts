// A whole run in one process, and what a third party can check of it afterwards.

import { checkVersionProof } from '@starling/peer';
import { memberAccount } from '@starling/rules';
import test from 'ava';
import { MemoryCluster } from './memory-cluster.ts';

test('a run of three rounds ends with every site on the same certified version', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(3, 3);
  await cluster.untilFinished();
  const status = await cluster.coordinator.status();
  t.is(status.version, 3);
  for (const site of cluster.sites) {
    t.like(site.peer.status().model, { version: 3, root: status.model });
  }
  const state = cluster.replay();
  t.notThrows(() => state.ledger.assertBalanced());
  for (const { member } of status.members) {
    t.true(state.ledger.balance(memberAccount(member)) >= 30n);
  }
  const newest = state.versions.at(-1);
  if (newest === undefined) return t.fail();
  const { certificate, model, planFrame: plan, rosterFrame: roster } = newest;
  const proof = { outcome: 'final', certificate, model, plan, roster } as const;
  t.like(checkVersionProof(proof, 3, state), { ok: true, value: model });
});
