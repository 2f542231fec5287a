import type { Digest } from '@starling/shared';
import test from 'ava';
import { digestOf } from './digest-fixture.ts';
import { EarlyTermPoll } from './early-term-poll.ts';

const ROOT = digestOf(0xff);
const [b0, b1, b2, b3, b4, b5, b6] = [0x80, 1, 2, 3, 4, 5, 6].map(digestOf) as [
  Digest,
  ...Digest[],
] & { 1: Digest; 2: Digest; 3: Digest; 4: Digest; 5: Digest; 6: Digest };

/** Undecided blocks and their parents; blocks 0 to 6 stand on the root unless said otherwise. */
function pollOf(
  asked: readonly number[],
  [alphaPreference, alphaConfidence]: readonly [number, number],
  parents: readonly (readonly [Digest, Digest])[] = [],
): EarlyTermPoll {
  const known = new Map([b0, b1, b2, b3, b4, b5, b6].map((id) => [id, ROOT]));
  for (const [id, parent] of parents) known.set(id, parent);
  const rules = { alphaPreference, conditions: [{ alphaConfidence, beta: 1 }] };
  return new EarlyTermPoll(rules, asked, { parentOf: (id) => known.get(id) });
}

test('an answer is counted once', (t) => {
  const poll = pollOf([1, 2], [2, 2]);
  t.is(poll.vote(1, b1), 'counted');
  t.is(poll.vote(1, b1), 'not-asked');
  t.is(poll.drop(1), 'not-asked');
  t.is(poll.vote(9, b1), 'not-asked');
  t.false(poll.finished);
  t.deepEqual(poll.outstanding(), [2]);
  t.is(poll.vote(2, b1), 'counted');
  t.true(poll.finished);
  t.deepEqual([...poll.votes], [[b1, 2]]);
});

test('a poll ends when alphaPreference is out of reach', (t) => {
  const poll = pollOf([1, 2, 3], [2, 2]);
  poll.drop(1);
  t.false(poll.finished);
  poll.drop(2);
  t.true(poll.finished);
});

test('a poll ends when alphaPreference is reached and alphaConfidence out of reach', (t) => {
  const poll = pollOf([1, 2, 3, 4, 5], [3, 5]);
  for (const member of [1, 2, 3]) {
    poll.vote(member, b1);
    t.false(poll.finished);
  }
  poll.drop(4);
  t.true(poll.finished);
});

test('a poll ends when alphaConfidence is reached', (t) => {
  const poll = pollOf([1, 2, 3, 4, 5], [3, 3]);
  poll.vote(1, b1);
  poll.vote(2, b1);
  t.false(poll.finished);
  poll.vote(3, b1);
  t.true(poll.finished);
});

test('a member drawn twice answers with two votes and is missed with two', (t) => {
  const voted = pollOf([1, 2, 2], [2, 2]);
  voted.vote(2, b1);
  t.true(voted.finished);
  t.is(voted.votes.count(b1), 2);
  const dropped = pollOf([1, 2, 2], [2, 2]);
  dropped.drop(2);
  t.true(dropped.finished);
});

test('votes for several blocks may still lift their common ancestor', (t) => {
  const parents = [b2, b3, b4].map((id) => [id, b1] as const);
  const poll = pollOf([1, 2, 3, 4], [4, 4], parents);
  for (const [member, choice] of [
    [1, b2],
    [2, b3],
    [3, b4],
  ] as const) {
    poll.vote(member, choice);
    t.false(poll.finished);
  }
  poll.vote(4, b1);
  t.true(poll.finished);
});

test('a poll ends when no block of a chain can cross a threshold any more', (t) => {
  const poll = pollOf(
    [1, 2, 3, 4, 5],
    [3, 3],
    [
      [b2, b1],
      [b3, b2],
      [b4, b3],
      [b5, b4],
    ],
  );
  for (const [member, choice] of [
    [1, b1],
    [2, b2],
    [3, b2],
  ] as const) {
    poll.vote(member, choice);
    t.false(poll.finished);
  }
  poll.vote(4, b5);
  t.true(poll.finished);
});

test('a poll waits for a child that can still cross a threshold', (t) => {
  const poll = pollOf(
    [1, 2, 3, 4, 5],
    [3, 3],
    [
      [b4, b1],
      [b2, b1],
    ],
  );
  for (const [member, choice] of [
    [1, b1],
    [2, b1],
    [3, b2],
    [4, b4],
  ] as const) {
    poll.vote(member, choice);
    t.false(poll.finished);
  }
});

test('two long branches are both out of reach at once', (t) => {
  const parents = [
    [b5, b3],
    [b3, b1],
    [b1, b0],
    [b6, b4],
    [b4, b2],
    [b2, b0],
  ] as const;
  const poll = pollOf([1, 2, 3, 4, 5], [4, 4], parents);
  for (const [member, choice] of [
    [1, b5],
    [2, b6],
    [3, b5],
  ] as const) {
    poll.vote(member, choice);
    t.false(poll.finished);
  }
  poll.vote(4, b6);
  t.true(poll.finished);
});

test('a poll waits for the bits that siblings share', (t) => {
  // 1 and 3 begin with the same bit, 2 parts from them at the first one.
  const poll = pollOf([1, 2, 3, 4], [3, 3]);
  poll.vote(1, b1);
  poll.vote(2, b3);
  poll.drop(3);
  t.false(poll.finished);
  const apart = pollOf([1, 2, 3, 4], [3, 3]);
  apart.vote(1, b1);
  apart.vote(2, b2);
  apart.drop(3);
  t.true(apart.finished);
});

test('votes for blocks that are not undecided keep no poll open', (t) => {
  const poll = pollOf([1, 2, 3], [2, 3]);
  poll.vote(1, ROOT);
  poll.vote(2, ROOT);
  t.true(poll.finished);
});
