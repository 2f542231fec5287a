import test from 'ava';
import fc from 'fast-check';
import { COMMITTEE_SIZE, electCommittee } from './committee.ts';

const members = Array.from({ length: 300 }, (_, i) => `member ${i}`);
const seed = Uint8Array.from({ length: 32 }, (_, i) => i);

test('everyone elects the same committee from the same seed, and another from another', (t) => {
  const equal = members.map(() => 1);
  const committee = electCommittee(members, equal, seed);
  t.is(committee.length, COMMITTEE_SIZE);
  t.true(committee.every(({ seats }) => seats === 1));
  t.deepEqual(electCommittee(members, equal, seed), committee);
  t.notDeepEqual(electCommittee(members, equal, Uint8Array.of(1)), committee);
});

test('seats follow the weights, never exceed them, and their number is what was asked', (t) => {
  const weights = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
  const seeds = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(weights, seeds, fc.integer({ min: 0, max: 200 }), (given, drawnFrom, size) => {
      const total = given.reduce((sum, weight) => sum + weight, 0);
      const committee = electCommittee([...given.keys()], given, drawnFrom, size);
      const seats = committee.reduce((sum, each) => sum + each.seats, 0);
      t.is(seats, Math.min(size, total));
      for (const each of committee) t.true(each.seats <= (given[each.member] ?? 0));
      const order = committee.map(({ member }) => member);
      t.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }),
    { numRuns: 500 },
  );
});

test('a member without a weight, a weight without a member and no seed are a broken caller', (t) => {
  t.throws(() => electCommittee(['a'], [], seed), { instanceOf: RangeError });
  t.throws(() => electCommittee([], [1], seed), { instanceOf: RangeError });
  t.throws(() => electCommittee(['a'], [1], new Uint8Array()), { instanceOf: RangeError });
});
