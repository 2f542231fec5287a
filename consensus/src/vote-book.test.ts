import type { Digest, MemberId } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { buildCertificate, verifyCertificate } from './certificate.ts';
import { faultTolerance, quorumSize } from './quorum.ts';
import { type Vote, VoteBook } from './vote-book.ts';

const hex = (value: number) => value.toString(16).padStart(64, '0');
const memberOf = (value: number) => hex(value) as MemberId;
const membersOf = (count: number) => Array.from({ length: count }, (_, i) => memberOf(i));

function vote(voter: number, choice: number, signature = voter): Vote {
  const body = Uint8Array.of(choice);
  return {
    member: memberOf(voter),
    choice: hex(choice) as Digest,
    body,
    signature: Uint8Array.of(signature, choice),
  };
}

/** A stand-in for ML-DSA: a signature names its voter and the body it is for. */
function verify(member: MemberId, body: Uint8Array, signature: Uint8Array): boolean {
  return memberOf(signature[0] ?? -1) === member && signature[1] === body[0];
}

test('three members decide with two votes', (t) => {
  const book = new VoteBook({ voters: membersOf(3) });
  t.is(book.leader(), undefined);
  t.is(book.record(vote(0, 7)), 'counted');
  t.is(book.decision(), undefined);
  t.is(buildCertificate(book), undefined);
  t.is(book.record(vote(2, 7)), 'counted');
  t.is(book.decision(), hex(7) as Digest);
  t.deepEqual(book.silent(), [memberOf(1)]);
});

test('a repeated vote is a duplicate, whatever its signature', (t) => {
  const book = new VoteBook({ voters: membersOf(4) });
  book.record(vote(1, 7));
  t.is(book.record(vote(1, 7, 99)), 'duplicate');
  t.deepEqual(book.leader(), { choice: hex(7) as Digest, votes: 1 });
  t.deepEqual(book.equivocations(), []);
});

test('a stranger is not counted', (t) => {
  const book = new VoteBook({ voters: membersOf(3) });
  t.is(book.record(vote(3, 7)), 'not-a-voter');
  t.is(book.leader(), undefined);
});

test('an equivocating voter is counted once, for its first vote, and both are evidence', (t) => {
  const book = new VoteBook({ voters: membersOf(4) });
  const [first, second] = [vote(1, 7), vote(1, 8)];
  t.is(book.record(first), 'counted');
  t.is(book.record(second), 'equivocation');
  t.is(book.record(vote(1, 9)), 'equivocation');
  t.is(book.record(first), 'duplicate');
  t.deepEqual(book.equivocations(), [{ member: memberOf(1), first, second }]);
  t.is(book.votesFor(hex(8) as Digest).length, 0);
});

test('a split vote decides nothing; among equals the lower digest leads', (t) => {
  const book = new VoteBook({ voters: membersOf(4) });
  for (const [voter, choice] of [
    [3, 9],
    [0, 8],
    [1, 9],
    [2, 8],
  ] as const) {
    book.record(vote(voter, choice));
  }
  t.deepEqual(book.leader(), { choice: hex(8) as Digest, votes: 2 });
  t.is(book.decision(), undefined);
});

test('voters named twice and quorums out of range are a broken caller', (t) => {
  const twice = [memberOf(1), memberOf(1)];
  t.throws(() => new VoteBook({ voters: twice }), { instanceOf: RangeError });
  t.throws(() => new VoteBook({ voters: [] }), { instanceOf: RangeError });
  for (const quorum of [0, 2, 5, 2.5]) {
    t.throws(() => new VoteBook({ voters: membersOf(4), quorum }), { instanceOf: RangeError });
  }
});

const ballots = fc.integer({ min: 1, max: 16 }).chain((n) => {
  const ballot = fc.record({ voter: fc.nat({ max: n }), choice: fc.nat({ max: 2 }) });
  return fc.tuple(fc.constant(n), fc.array(ballot, { maxLength: 80 }));
});

test('whatever is voted, voters are counted at most once and a decision never changes', (t) => {
  fc.assert(
    fc.property(ballots, ([n, list]) => {
      const book = new VoteBook({ voters: membersOf(n) });
      let decided: Digest | undefined;
      for (const { voter, choice } of list) {
        book.record(vote(voter, choice));
        if (decided !== undefined) t.is(book.decision(), decided);
        decided = book.decision();
      }
      const counted = [0, 1, 2].flatMap((choice) => book.votesFor(hex(choice) as Digest));
      t.is(counted.length + book.silent().length, n);
      t.true(book.equivocations().length <= n);
    }),
    { numRuns: 2000 },
  );
});

test('up to F equivocating voters never make two books decide differently', (t) => {
  const split = fc
    .integer({ min: 1, max: 25 })
    .chain((n) => fc.tuple(fc.constant(n), fc.array(fc.boolean(), { minLength: n, maxLength: n })));
  fc.assert(
    fc.property(split, ([n, honest]) => {
      const [left, right] = [1, 2].map(() => new VoteBook({ voters: membersOf(n) }));
      const liars = faultTolerance(n);
      honest.forEach((choosesA, voter) => {
        const isLiar = voter < liars;
        left?.record(vote(voter, isLiar || choosesA ? 1 : 2));
        right?.record(vote(voter, isLiar || !choosesA ? 2 : 1));
      });
      const decisions = [left?.decision(), right?.decision()];
      t.true(decisions.includes(undefined) || decisions[0] === decisions[1]);
    }),
    { numRuns: 2000 },
  );
});

test('a decided book gives the same valid certificate in any order of arrival', (t) => {
  const arrivals = fc.integer({ min: 1, max: 20 }).chain((n) => {
    const voters = Array.from({ length: n }, (_, i) => i);
    const order = fc.shuffledSubarray(voters, { minLength: n });
    return fc.tuple(fc.constant(n), fc.integer({ min: quorumSize(n), max: n }), order);
  });
  fc.assert(
    fc.property(arrivals, ([n, count, order]) => {
      const voters = membersOf(n);
      const book = new VoteBook({ voters });
      const sorted = new VoteBook({ voters });
      const chosen = order.slice(0, count);
      for (const voter of chosen) book.record(vote(voter, 7));
      for (const voter of chosen.toSorted((a, b) => a - b)) sorted.record(vote(voter, 7));
      const certificate = buildCertificate(book);
      t.deepEqual(certificate, buildCertificate(sorted));
      if (certificate === undefined) return t.fail('a quorum gives a certificate');
      t.deepEqual(verifyCertificate(certificate, { voters, verify }), { ok: true });
    }),
    { numRuns: 500 },
  );
});
