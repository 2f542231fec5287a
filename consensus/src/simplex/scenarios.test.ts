// Scenarios that commonware's simplex is tested by, under their names; those that need delays and
// losses stand in test/consensus/simplex-scenarios.test.ts.

import type { Digest } from '@starling/shared';
import test from 'ava';
import { Lockstep, type LockstepNode, proofOf, ROOT } from './lockstep-fixture.ts';
import type { BlockHeader, SimplexVote } from './vote.ts';

const prefix = ({ decided }: LockstepNode, height: number) => decided.slice(0, height);
const heightOf = ({ replica }: LockstepNode) => replica.status().decided.height;

test('observer: one that cannot vote follows every decision and casts nothing', (t) => {
  const cluster = new Lockstep(4, {}, 1);
  cluster.setDemand(true, cluster.nodes.slice(0, 4));
  t.true(cluster.run(6));
  t.deepEqual(prefix(cluster.node(4), 5), prefix(cluster.node(0), 5));
  t.deepEqual(cluster.node(4).journal, []);
  t.false(cluster.node(4).replica.status().mayVote);
});

test('one_offline: without one of four the others decide all the same', (t) => {
  const cluster = new Lockstep(4);
  cluster.crash(2);
  cluster.setDemand(
    true,
    cluster.nodes.filter(({ isUp }) => isUp),
  );
  t.true(cluster.run(12));
});

test('backfill: one that was away for a hundred heights learns each of them', (t) => {
  const cluster = new Lockstep(4);
  cluster.crash(3);
  cluster.setDemand(true, cluster.nodes.slice(0, 3));
  t.true(cluster.run(100));
  cluster.restart(3);
  t.true(cluster.run(101));
  t.deepEqual(prefix(cluster.node(3), 100), prefix(cluster.node(0), 100));
});

test('all_recovery: when nobody hears anybody nothing is decided, and afterwards everything', (t) => {
  const cluster = new Lockstep(7);
  cluster.hears = () => false;
  cluster.setDemand(true);
  t.false(cluster.run(1, 30_000));
  cluster.hears = () => true;
  t.true(cluster.run(5));
});

test('all_crash_after_nullify: all crash with a nullified view and go on from their journals', (t) => {
  const cluster = new Lockstep(4);
  const leader = cluster.node(0).replica.status().leader;
  cluster.isValid = (block) => block.leader !== leader;
  cluster.setDemand(true);
  cluster.run(1, 5);
  const nullified = cluster.nodes.filter(({ journal }) =>
    journal.some(({ kind, view }) => kind === 'nullify' && view === 1),
  );
  t.true(nullified.length >= 3);
  for (const { index } of cluster.nodes) cluster.crash(index);
  for (const { index } of cluster.nodes) cluster.restart(index);
  cluster.setDemand(true);
  t.true(cluster.run(6));
  for (const node of cluster.nodes) t.deepEqual(contradictions(node.journal), []);
});

test('partition: halves decide nothing, and together they go on', (t) => {
  const cluster = new Lockstep(6);
  cluster.setDemand(true);
  t.true(cluster.run(2));
  cluster.hears = (listener, speaker) => listener % 2 === speaker % 2;
  const before = cluster.nodes.map(heightOf);
  cluster.run(100, cluster.nowMs + 20_000);
  const during = cluster.nodes.map(heightOf);
  t.true(during.every((height, i) => height <= (before[i] ?? 0) + 2));
  cluster.hears = () => true;
  t.true(cluster.run(20));
  t.deepEqual(prefix(cluster.node(5), 19), prefix(cluster.node(0), 19));
});

test('invalid: blocks that members find invalid are nullified, never decided', (t) => {
  const cluster = new Lockstep(4);
  cluster.isValid = (block) => block.leader !== 1;
  cluster.setDemand(true);
  t.true(cluster.run(12));
  for (const { decided } of cluster.nodes) {
    t.false(decided.some((id) => cluster.blocks.get(id)?.leader === 1));
  }
});

test('impersonator: a vote under a foreign index is refused at the edge and counted nowhere', (t) => {
  const cluster = new Lockstep(4);
  const vote: SimplexVote = { kind: 'nullify', view: 1 };
  t.is(cluster.receive(0, { voter: 2, vote, proof: proofOf(1) }), 'bad-signature');
  t.is(cluster.receive(0, { voter: 9, vote, proof: proofOf(9) }), 'not-a-member');
  t.is(cluster.receive(0, { voter: 2, vote, proof: proofOf(2) }), 'counted');
});

test('reconfigurer: a new epoch with more members goes on from the last decided block', (t) => {
  const old = new Lockstep(4);
  old.setDemand(true);
  t.true(old.run(5));
  const root = old.node(0).replica.status().decided;
  const next = new Lockstep(7, { root, leaderSeed: 2 });
  next.setDemand(true);
  t.true(next.run(10));
  const first = next.blocks.get(next.node(6).decided[0] as Digest);
  t.is(first?.parent, root.id);
  t.is(first?.height, root.height + 1);
  t.true((first?.view ?? 0) > root.view);
});

test('split_views_no_lockup: half holds a notarisation, half a nullification, and all go on', (t) => {
  const cluster = new Lockstep(4);
  const leader = cluster.node(0).replica.status().leader;
  const others = cluster.nodes.filter(({ index }) => index !== leader);
  const id = 'shown to half' as Digest;
  const block: BlockHeader = { ...ROOT, id, view: 1, height: 1, parent: ROOT.id, leader };
  cluster.blocks.set(id, block);
  const proofs = [0, 1, 2].map((voter) => ({ voter, proof: proofOf(voter) }));
  const [first, ...rest] = others;
  if (first === undefined) return t.fail('four members have three others');
  cluster.tell(first.index, (replica) => replica.onBlock(block, 0));
  const notarized = { vote: { kind: 'notarize', view: 1, block: id }, proofs } as const;
  cluster.tell(first.index, (replica) => replica.onCertificate(notarized, 0));
  for (const { index } of rest) {
    const nullified = { vote: { kind: 'nullify', view: 1 }, proofs } as const;
    cluster.tell(index, (replica) => replica.onCertificate(nullified, 0));
  }
  cluster.setDemand(true);
  t.true(cluster.run(8));
  t.deepEqual(prefix(cluster.node(0), 7), prefix(cluster.node(3), 7));
});

test('quiescent: after the last decision nobody votes, asks or wakes', (t) => {
  const cluster = new Lockstep(4);
  cluster.setDemand(true);
  t.true(cluster.run(3));
  cluster.setDemand(false);
  cluster.run(Number.POSITIVE_INFINITY, cluster.nowMs + 60_000);
  const heights = new Set(cluster.nodes.map(heightOf));
  t.is(heights.size, 1);
  const { length } = cluster.effects;
  cluster.run(Number.POSITIVE_INFINITY, cluster.nowMs + 3_600_000);
  t.is(cluster.effects.length, length);
  t.true(cluster.nodes.every(({ replica }) => replica.status().isIdle));
});

test('idle members that gave a view up do not keep each other awake', (t) => {
  const cluster = new Lockstep(7);
  const some = cluster.nodes.slice(0, 3);
  cluster.setDemand(true, some);
  cluster.run(1, 5000);
  cluster.setDemand(false, some);
  cluster.run(1, 600_000);
  const { messages } = cluster;
  cluster.run(1, 3_600_000);
  t.is(cluster.messages, messages);
});

test('what a lying leader began slows down when nobody needs it', (t) => {
  const cluster = new Lockstep(4);
  const leader = cluster.node(0).replica.status().leader;
  const victim = (leader + 1) % 4;
  const id = 'for one only' as Digest;
  const block: BlockHeader = { ...ROOT, id, view: 1, height: 1, parent: ROOT.id, leader };
  cluster.isValid = () => false;
  cluster.tell(victim, (replica) => replica.onBlock(block, 0));
  cluster.run(1, 3_600_000);
  const repeats = cluster.effects.filter(
    ({ index, effect }) => index === victim && effect.kind === 'repeat',
  );
  t.true(repeats.length < 130, `${repeats.length} repeats in an hour`);
});

/** Views in which a journal holds two different votes of a kind, or finalize beside nullify. */
function contradictions(journal: readonly SimplexVote[]): number[] {
  return journal.flatMap((vote, i) => {
    const clash = journal.slice(0, i).some((earlier) => {
      if (earlier.view !== vote.view) return false;
      if (earlier.kind !== vote.kind) {
        return [earlier.kind, vote.kind].sort().join() === 'finalize,nullify';
      }
      return JSON.stringify(earlier) !== JSON.stringify(vote);
    });
    return clash ? [vote.view] : [];
  });
}
