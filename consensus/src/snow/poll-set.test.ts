import type { Digest } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { digestOf } from './digest-fixture.ts';
import { PollSet } from './poll-set.ts';

const blockOf = (pollId: number): Digest => digestOf(pollId);
const members = [1, 2, 3];

function pollsOf(...ids: readonly number[]): PollSet {
  const rules = { alphaPreference: 2, conditions: [{ alphaConfidence: 3, beta: 1 }] };
  const set = new PollSet(rules, { parentOf: () => digestOf(0xff) });
  for (const id of ids) set.open(id, members);
  return set;
}

function answer(set: PollSet, pollId: number): number[] {
  for (const member of members) set.vote(pollId, member, blockOf(pollId));
  return taken(set);
}

function taken(set: PollSet): number[] {
  const ids: number[] = [];
  for (let poll = set.takeFinished(); poll !== undefined; poll = set.takeFinished()) {
    if (poll.votes.mode()?.[0] === blockOf(poll.pollId)) ids.push(poll.pollId);
  }
  return ids;
}

test('polls that finish out of order are applied oldest first', (t) => {
  const set = pollsOf(1, 2, 3);
  t.deepEqual(answer(set, 2), []);
  t.deepEqual(answer(set, 3), []);
  t.is(set.size, 3);
  t.deepEqual(answer(set, 1), [1, 2, 3]);
  t.is(set.size, 0);
});

test('the oldest poll is applied as soon as it finishes', (t) => {
  const set = pollsOf(1, 2);
  t.deepEqual(answer(set, 1), [1]);
  t.deepEqual(answer(set, 2), [2]);
});

test('in whatever order answers come, results come in the order of opening', (t) => {
  const ids = [1, 2, 3, 4, 5, 6];
  fc.assert(
    fc.property(fc.shuffledSubarray(ids, { minLength: 6 }), (order) => {
      const set = pollsOf(...ids);
      t.deepEqual(
        order.flatMap((id) => answer(set, id)),
        ids,
      );
    }),
  );
});

test('a poll is opened once, strange polls and members are named', (t) => {
  const set = pollsOf(1);
  t.false(set.open(1, members));
  t.is(set.vote(2, 1, blockOf(1)), 'unknown-poll');
  t.is(set.drop(2, 1), 'unknown-poll');
  t.is(set.vote(1, 9, blockOf(1)), 'not-asked');
  t.is(set.vote(1, 1, blockOf(1)), 'counted');
  t.is(set.drop(1, 1), 'not-asked');
});

test('an expired poll finishes with the answers that came', (t) => {
  const set = pollsOf(1, 2);
  set.vote(1, 1, blockOf(1));
  set.expire(1);
  set.expire(7);
  t.is(set.takeFinished()?.votes.size, 1);
  t.is(set.takeFinished(), undefined);
  set.clear();
  t.is(set.size, 0);
});
