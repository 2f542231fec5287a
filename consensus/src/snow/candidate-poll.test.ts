import type { Digest } from '@starling/shared';
import test from 'ava';
import { Mt19937 } from '../sampling/mt19937.ts';
import {
  CANDIDATES_MAX,
  CandidatePoll,
  candidatePollParameters,
  FULL_POLL_MEMBERS_MAX,
  POLL_ROUNDS_MAX,
} from './candidate-poll.ts';
import { BLUE, digestOf, GREEN, RED } from './digest-fixture.ts';

/** Polls of members in lock-step rounds; the first `silent` of them answer nobody. */
function cluster(initial: readonly Digest[], silent: number, seed: number): CandidatePoll[] {
  const random = new Mt19937(seed);
  const members = initial.length;
  const polls = initial.map((first, self) => {
    return new CandidatePoll({ members, self, candidates: [first, RED, BLUE, GREEN], random });
  });
  const speaking = polls.slice(silent);
  for (let round = 1; speaking.some(({ state }) => state === 'open'); round += 1) {
    const said = polls.map((poll) => poll.preference());
    for (const poll of speaking) {
      const query = poll.nextQuery();
      const chits = (query?.members ?? [])
        .filter((member) => member >= silent)
        .map((member) => ({ member, choice: said[member] ?? RED }));
      poll.onChits(round, chits);
    }
  }
  return speaking;
}

for (const members of [1, 2, 3, 4, 5, 6, 7, 8, 10, 16, 30, 50, 100]) {
  test(`${members} members split evenly come to agree, with liars silent or none`, (t) => {
    const initial = Array.from({ length: members }, (_, i) => [RED, BLUE][i % 2] ?? RED);
    const few = members <= FULL_POLL_MEMBERS_MAX;
    const silentMax = Math.floor(members / (few ? 4 : 10));
    for (const silent of new Set([0, silentMax])) {
      for (const seed of [1, 2, 3]) {
        const polls = cluster(initial, silent, seed);
        t.deepEqual([...new Set(polls.map(({ state }) => state))], ['decided']);
        t.is(new Set(polls.map((poll) => poll.decided())).size, 1);
      }
    }
  });
}

test('three candidates among seven members end in one', (t) => {
  const initial = Array.from({ length: 7 }, (_, i) => [RED, BLUE, GREEN][i % 3] ?? RED);
  const polls = cluster(initial, 0, 4);
  t.is(new Set(polls.map((poll) => poll.decided())).size, 1);
});

test('thresholds of small clusters hold against a quarter of liars and its silence', (t) => {
  for (let members = 1; members <= FULL_POLL_MEMBERS_MAX; members += 1) {
    const { k, alphaPreference, alphaConfidence } = candidatePollParameters(members);
    t.is(k, members);
    t.true(2 * alphaPreference > k && alphaPreference <= alphaConfidence);
    t.true(alphaConfidence <= Math.max(2, k - Math.floor(members / 4)));
  }
  t.like(candidatePollParameters(4), { k: 4, alphaPreference: 3, alphaConfidence: 3 });
  t.like(candidatePollParameters(7), { k: 7, alphaPreference: 4, alphaConfidence: 5 });
  t.like(candidatePollParameters(100), { k: 20, alphaPreference: 11, alphaConfidence: 15 });
});

test('an even split is broken in favour of the lower digest, a majority keeps its lead', (t) => {
  const even = cluster([BLUE, RED, BLUE, RED], 0, 1);
  t.deepEqual([...new Set(even.map((poll) => poll.decided()))], [RED]);
  const uneven = cluster([GREEN, BLUE, RED, BLUE, RED, BLUE], 1, 1);
  t.deepEqual([...new Set(uneven.map((poll) => poll.decided()))], [BLUE]);
});

test('a query stands until it is answered and asks everybody else in a small cluster', (t) => {
  const poll = new CandidatePoll({
    members: 5,
    self: 2,
    candidates: [RED, BLUE],
    random: new Mt19937(0),
  });
  const query = poll.nextQuery();
  t.deepEqual(query, { round: 1, members: [0, 1, 3, 4] });
  t.deepEqual(poll.nextQuery(), query);
  t.false(poll.onChits(2, []));
  t.true(poll.onChits(1, []));
  t.false(poll.onChits(1, []));
  t.is(poll.rounds, 1);
});

test('strangers, second answers and unknown candidates count for nothing', (t) => {
  const poll = new CandidatePoll({
    members: 5,
    self: 2,
    candidates: [RED, BLUE],
    random: new Mt19937(0),
  });
  poll.nextQuery();
  const chits = [9, 2, 0, 0, 0, 1].map((member) => ({ member, choice: BLUE }));
  poll.onChits(1, [...chits, { member: 3, choice: GREEN }]);
  t.is(poll.preference(), RED);
  poll.nextQuery();
  poll.onChits(
    2,
    [0, 1, 3].map((member) => ({ member, choice: BLUE })),
  );
  t.is(poll.preference(), BLUE);
});

test('a poll that nobody answers is given up', (t) => {
  const poll = new CandidatePoll({
    members: 7,
    self: 0,
    candidates: [RED, BLUE],
    random: new Mt19937(0),
  });
  let rounds = 0;
  for (let query = poll.nextQuery(); query !== undefined; query = poll.nextQuery()) {
    poll.onChits(query.round, []);
    rounds += 1;
  }
  t.is(rounds, POLL_ROUNDS_MAX);
  t.is(poll.state, 'given-up');
  t.is(poll.decided(), undefined);
  t.is(poll.preference(), RED);
});

test('candidates are taken once each, up to a limit', (t) => {
  const many = Array.from({ length: CANDIDATES_MAX }, (_, i) => digestOf(i));
  const candidates: [Digest, ...Digest[]] = [digestOf(0), ...many];
  const poll = new CandidatePoll({ members: 3, self: 0, candidates, random: new Mt19937(0) });
  t.false(poll.add(digestOf(1)));
  t.false(poll.add(RED));
  const small = new CandidatePoll({
    members: 3,
    self: 0,
    candidates: [RED],
    random: new Mt19937(0),
  });
  t.true(small.add(BLUE));
  t.false(small.add(BLUE));
});
