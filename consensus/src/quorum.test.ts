import test from 'ava';
import fc from 'fast-check';
import { crashTolerance, faultTolerance, placeOfThird, quorumSize } from './quorum.ts';

const table: readonly (readonly [number, number, number, number])[] = [
  [1, 0, 1, 0],
  [2, 0, 2, 0],
  [3, 0, 2, 1],
  [4, 1, 3, 1],
  [5, 1, 4, 1],
  [6, 1, 4, 2],
  [7, 2, 5, 2],
  [10, 3, 7, 3],
  [13, 4, 9, 4],
  [16, 5, 11, 5],
  [20, 6, 14, 6],
  [25, 8, 17, 8],
  [30, 9, 20, 10],
  [50, 16, 34, 16],
  [100, 33, 67, 33],
  [200, 66, 134, 66],
  [300, 99, 200, 100],
];

test('n voters tolerate F liars and n - q crashes with quorum q, as in the table', (t) => {
  for (const [n, liars, quorum, crashes] of table) {
    t.deepEqual([faultTolerance(n), quorumSize(n), crashTolerance(n)], [liars, quorum, crashes]);
  }
});

test('any two quorums share more than F voters, and no smaller number would do', (t) => {
  for (let n = 1; n <= 1000; n++) {
    const [liars, quorum] = [faultTolerance(n), quorumSize(n)];
    t.true(2 * quorum - n > liars, `n = ${n}`);
    t.false(2 * (quorum - 1) - n > liars, `n = ${n}`);
  }
});

test('any two drawn quorums share more than F voters', (t) => {
  const drawn = fc.integer({ min: 1, max: 40 }).chain((n) => {
    const voters = Array.from({ length: n }, (_, i) => i);
    const quorum = fc.shuffledSubarray(voters, { minLength: quorumSize(n) });
    return fc.tuple(fc.constant(n), quorum, quorum);
  });
  fc.assert(
    fc.property(drawn, ([n, a, b]) => {
      const shared = a.filter((voter) => b.includes(voter));
      t.true(shared.length > faultTolerance(n));
    }),
    { numRuns: 2000 },
  );
});

test('the honest alone make a quorum', (t) => {
  for (let n = 1; n <= 1000; n++) t.true(n - faultTolerance(n) >= quorumSize(n), `n = ${n}`);
});

test('nobody is no federation', (t) => {
  for (const n of [0, -1, 0.5, Number.NaN]) {
    t.throws(() => quorumSize(n), { instanceOf: RangeError });
  }
});

test('a weight of a third of all is found, equal weights are not', (t) => {
  t.is(placeOfThird([1, 1, 1]), undefined);
  t.is(placeOfThird([5, 5]), undefined);
  t.is(placeOfThird([2, 3, 3, 4]), 3);
  t.is(placeOfThird([2, 3, 3, 3]), undefined);
  t.is(placeOfThird([]), undefined);
});

test('nobody who weighs less than a third is needed for a quorum', (t) => {
  const weights = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 4, maxLength: 40 });
  fc.assert(
    fc.property(weights, (list) => {
      fc.pre(new Set(list).size > 1 && placeOfThird(list) === undefined);
      const total = list.reduce((sum, weight) => sum + weight, 0);
      for (const weight of list) t.true(total - weight >= quorumSize(total));
    }),
    { numRuns: 500 },
  );
});
