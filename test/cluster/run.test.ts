// A whole run in one process, and what a third party can check of it afterwards.

import { serialize } from 'node:v8';
import { openMessage } from '@starling/crypto';
import { checkVersionProof } from '@starling/peer';
import { activePeers, type FederationState, memberAccount, versionProof } from '@starling/rules';
import { type MemberId, modelUpdate, modelVote } from '@starling/shared';
import test from 'ava';
import { MemoryCluster } from './memory-cluster.ts';
import { Wiretap } from './wiretap.ts';

function fingerprint({ ledger, ...state }: FederationState): string {
  return serialize({ ...state, ledger: ledger.entries }).toString('base64');
}

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
  const { ledger } = state;
  t.notThrows(() => ledger.assertBalanced());
  for (const { balance, member } of status.members) {
    t.is(ledger.balance(memberAccount(member)).toString(), balance);
    t.true(ledger.balance(memberAccount(member)) >= 30n);
  }
  t.is(fingerprint(cluster.replay()), fingerprint(state));
});

test('every rewarded frame in the log verifies under the key of its member', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const { federation, ledger, roster } = cluster.replay();
  const keys = new Map(activePeers(roster).map(({ member, publicKey }) => [member, publicKey]));
  const options = { federation, nowMs: 0, keyOf: (sender: MemberId) => keys.get(sender) };
  const signed: MemberId[] = [];
  for (const event of cluster.events()) {
    if (event.type === 'update-received') {
      const opened = openMessage(event.payload.update, modelUpdate, options);
      t.true(opened.ok && opened.value.sender === event.payload.member);
      signed.push(event.payload.member);
    }
    if (event.type === 'vote-received') {
      const opened = openMessage(event.payload.vote, modelVote, options);
      t.true(opened.ok && opened.value.sender === event.payload.member);
      signed.push(event.payload.member);
    }
  }
  const paid = ledger.entries.flatMap(({ reason, to }) => (reason === 'genesis-supply' ? [] : to));
  t.deepEqual(paid.toSorted(), signed.map(memberAccount).toSorted());
});

test('a third party verifies every version from the log alone', async (t) => {
  const cluster = await MemoryCluster.start(t);
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  const state = cluster.replay();
  t.is(state.versions.length, 2);
  for (const record of state.versions) {
    const { version } = record;
    const proved = checkVersionProof(versionProof(record), version, state);
    t.like(proved, { ok: true, value: { aggregate: { model: record.model, version } } });
    t.false(checkVersionProof(versionProof(record), version + 1, state).ok);
  }
});

test('no document text ever crosses the bus', async (t) => {
  const wiretap = new Wiretap();
  const cluster = await MemoryCluster.start(t, { wrapBus: wiretap.wrap });
  await cluster.coordinator.planRounds(1, 3);
  await cluster.untilFinished();
  const everything = Buffer.concat(wiretap.heard);
  t.true(everything.includes('round-plan'));
  for (const site of cluster.sites) {
    t.true(everything.includes(Buffer.from(site.identity.publicKey)));
    t.true(everything.includes(site.name));
    for (const { answer, query, source } of site.documents) {
      for (const text of [answer, query, source]) t.false(everything.includes(text));
    }
  }
});

test('a run that loses every fifth gossip delivery still finishes', async (t) => {
  const cluster = await MemoryCluster.start(t, { gossipLoss: 0.2 });
  await cluster.coordinator.planRounds(2, 3);
  await cluster.untilFinished();
  t.is((await cluster.coordinator.status()).version, 2);
});
