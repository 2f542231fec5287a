import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { gaussianRows, rowOf } from '../sample-vectors.ts';
import { leastSquares } from './least-squares.ts';

testProp(
  'coefficients are found again from exact sums',
  [fc.integer({ min: 1, max: 8 }), fc.nat({ max: 1_000 })],
  (t, width, seed) => {
    const coefficients = [...gaussianRows(seed, 1, width)];
    const data = gaussianRows(seed + 1, 50, width);
    const terms = Array.from({ length: 50 }, (_, row) => [...rowOf(data, width, row)]);
    const targets = terms.map((row) =>
      row.reduce((sum, term, i) => sum + term * (coefficients[i] ?? 0), 0),
    );
    const found = leastSquares(terms, targets);
    t.true(found.every((value, i) => Math.abs(value - (coefficients[i] ?? Number.NaN)) < 1e-5));
  },
  { seed: 61, numRuns: 50 },
);

test('terms that say the same share their coefficient, and no cells are refused', (t) => {
  const [a = 0, b = 0] = leastSquares(
    [
      [1, 1],
      [2, 2],
    ],
    [4, 8],
  );
  t.true(Math.abs(a - 2) < 1e-3 && Math.abs(b - 2) < 1e-3);
  t.throws(() => leastSquares([], []), { instanceOf: RangeError });
});
