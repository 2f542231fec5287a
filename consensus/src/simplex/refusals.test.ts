import test from 'ava';
import {
  BLOCKS_PER_VIEW_MAX,
  FETCHES_PER_VIEW_MAX,
  VIEWS_AHEAD_MAX,
  VIEWS_UNDECIDED_MAX,
} from './limits.ts';
import { Lockstep } from './lockstep-fixture.ts';
import {
  blockAt,
  certificate,
  finalize,
  id,
  leaders,
  MEMBERS,
  notarize,
  nullify,
  replicaOf,
} from './replica-fixture.ts';
import type { BlockHeader, SimplexVote } from './vote.ts';

test('votes are refused with the reason: stranger, malformed, stale, too far ahead, duplicate', (t) => {
  const replica = replicaOf();
  const cast = (voter: number, vote: SimplexVote) => replica.onVote({ voter, vote, proof: '' }, 0);
  t.is(cast(4, nullify(1)), 'not-a-member');
  t.is(cast(-1, nullify(1)), 'not-a-member');
  t.is(cast(0.5, nullify(1)), 'not-a-member');
  t.is(cast(1, nullify(Number.NaN)), 'malformed');
  t.is(cast(1, { kind: 'maybe', view: 1 } as unknown as SimplexVote), 'malformed');
  t.is(cast(1, { kind: 'notarize', view: 1 } as unknown as SimplexVote), 'malformed');
  t.is(cast(1, nullify(0)), 'stale-view');
  t.is(cast(1, nullify(2 + VIEWS_AHEAD_MAX)), 'too-far-ahead');
  t.is(cast(1, nullify(1 + VIEWS_AHEAD_MAX)), 'counted');
  t.is(cast(1, nullify(1)), 'counted');
  t.is(cast(1, nullify(1)), 'duplicate');
});

test('two votes that no honest member casts are evidence once, and change no count', (t) => {
  const pairs = [
    [notarize(1, 'a'), notarize(1, 'b')],
    [finalize(1, 'a'), finalize(1, 'b')],
    [nullify(1), finalize(1, 'a')],
    [finalize(1, 'a'), nullify(1)],
  ] as const;
  for (const [first, second] of pairs) {
    const replica = replicaOf();
    replica.onVote({ voter: 2, vote: first, proof: 'x' }, 0);
    t.is(replica.onVote({ voter: 2, vote: second, proof: 'y' }, 0), 'equivocation');
    t.is(replica.onVote({ voter: 2, vote: second, proof: 'z' }, 0), 'equivocation');
    const evidence = replica.takeEffects().filter(({ kind }) => kind === 'evidence');
    t.like(evidence, [{ voter: 2, first: { vote: first }, second: { vote: second, proof: 'y' } }]);
    t.is(evidence.length, 1);
  }
});

test('a voter that notarises one block and finalises another did not lie', (t) => {
  const replica = replicaOf();
  t.is(replica.onVote({ voter: 2, vote: notarize(1, 'a'), proof: '' }, 0), 'counted');
  t.is(replica.onVote({ voter: 2, vote: finalize(1, 'b'), proof: '' }, 0), 'counted');
});

test('certificates are refused with the reason: too few, unsorted, foreign, twice the same', (t) => {
  const replica = replicaOf();
  const learn = (vote: SimplexVote, voters?: number[]) =>
    replica.onCertificate(certificate(vote, voters), 0);
  t.is(learn(nullify(1), [0, 1]), 'too-few');
  t.is(learn(nullify(1), [1, 0, 2]), 'unsorted-voters');
  t.is(learn(nullify(1), [0, 1, 1]), 'duplicate-voter');
  t.is(learn(nullify(1), [0, 1, 4]), 'not-a-member');
  t.is(learn(nullify(-1)), 'malformed');
  t.is(learn(nullify(0)), 'stale-view');
  t.is(learn(nullify(VIEWS_UNDECIDED_MAX + 1)), 'too-many-views');
  t.is(learn(nullify(1)), 'learned');
  t.is(learn(nullify(1)), 'duplicate');
  t.is(learn(notarize(2, 'a')), 'learned');
  t.is(learn(notarize(2, 'b')), 'conflicting');
});

test('blocks are refused with the reason: leader, parent, height, view, too many', (t) => {
  const replica = replicaOf();
  const add = (block: BlockHeader) => replica.onBlock(block, 0);
  const good = blockAt(1, 'good');
  t.is(add({ ...good, leader: (good.leader + 1) % MEMBERS }), 'not-the-leader');
  t.is(add({ ...good, height: 2 }), 'wrong-height');
  t.is(add({ ...good, parent: id('other') }), 'wrong-parent');
  t.is(add({ ...good, view: 0 }), 'malformed');
  t.is(add({ ...good, parentView: 1 }), 'malformed');
  t.is(add({ ...good, height: Number.NaN }), 'malformed');
  t.is(add(blockAt(2 + VIEWS_AHEAD_MAX, 'far')), 'too-far-ahead');
  t.is(add(good), 'accepted');
  t.is(add(good), 'duplicate');
  t.is(add(blockAt(1, 'second')), 'accepted');
  t.is(add(blockAt(1, 'third')), 'too-many-blocks');
  t.is(replica.status().held.blocks, BLOCKS_PER_VIEW_MAX);
  t.is(replica.takeEffects().filter(({ kind }) => kind === 'conflicting-proposals').length, 1);
});

test('blocks on what was decided long ago are refused', (t) => {
  const replica = replicaOf();
  replica.onBlock(blockAt(1, 'one'), 0);
  replica.onCertificate(certificate(finalize(1, 'one')), 0);
  t.is(replica.status().decided.id, id('one'));
  t.is(replica.onBlock(blockAt(2, 'late'), 0), 'stale-parent');
  t.is(replica.onBlock(blockAt(1, 'other'), 0), 'stale-view');
  t.is(replica.onCertificate(certificate(finalize(1, 'one')), 0), 'stale-view');
});

test('a vote for an unknown block is kept, and the block is asked for', (t) => {
  const replica = replicaOf();
  replica.setDemand(true, 0);
  for (const [voter, name] of ['a', 'b', 'c'].entries()) {
    const vote = notarize(1, name);
    if (voter > 0) t.is(replica.onVote({ voter, vote, proof: '' }, 0), 'counted');
  }
  replica.onTick(500);
  const asked = replica.takeEffects().filter(({ kind }) => kind === 'fetch-block');
  t.is(asked.length, 2);
  t.true(asked.length <= FETCHES_PER_VIEW_MAX);
});

test('a finalisation of another block than the decided one stops the replica and says so', (t) => {
  const replica = replicaOf();
  replica.onBlock(blockAt(1, 'one'), 0);
  replica.onCertificate(certificate(finalize(1, 'one')), 0);
  t.is(replica.onCertificate(certificate(finalize(1, 'two')), 0), 'conflicting');
  t.true(replica.status().isForked);
  t.false(replica.status().mayVote);
  t.is(replica.takeEffects().filter(({ kind }) => kind === 'forked').length, 1);
});

test('an own vote that the replica does not know means a twin: it casts nothing any more', (t) => {
  const replica = replicaOf(0);
  replica.setDemand(true, 0);
  replica.takeEffects();
  const outcome = replica.onVote({ voter: 0, vote: notarize(1, 'elsewhere'), proof: '' }, 0);
  t.is(outcome, 'unknown-own-vote');
  replica.onTick(10_000);
  const kinds = replica.takeEffects().map(({ kind }) => kind);
  t.true(kinds.includes('twin'));
  t.false(kinds.includes('cast'));
});

test('votes of the journal are cast again as they were, and nothing else in their views', (t) => {
  const leader = leaders.leaderOf(1);
  const journal = [notarize(1, 'mine')];
  const replica = replicaOf(leader, journal);
  replica.setDemand(true, 0);
  replica.onBlock(blockAt(1, 'another'), 0);
  const effects = replica.takeEffects();
  t.deepEqual(
    effects.flatMap((effect) => (effect.kind === 'cast' ? [effect.vote] : [])),
    journal,
  );
  t.false(effects.some(({ kind }) => kind === 'propose'));
});

test('who finalised a view before a crash never nullifies it afterwards', (t) => {
  const replica = replicaOf(0, [finalize(1, 'one')]);
  replica.setDemand(true, 0);
  for (let atMs = 0; atMs < 20_000; atMs += 500) replica.onTick(atMs);
  const votes = replica
    .takeEffects()
    .flatMap((effect) => (effect.kind === 'cast' ? [effect.vote] : []));
  t.deepEqual(votes, [finalize(1, 'one')]);
});

test('a rolled-back journal votes only above the highest view that others saw', (t) => {
  const cluster = new Lockstep(MEMBERS);
  cluster.node(2).replica.observeUntil(6);
  cluster.setDemand(true);
  t.true(cluster.run(10));
  const { journal } = cluster.node(2);
  t.true(journal.length > 0);
  t.true(journal.every(({ view }) => view > 6));
});
