import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { gaussianRows } from '../sample-vectors.ts';
import { arrangeRow, orderByVariance, restoreRow } from './dimension-order.ts';

/** Rows whose components vary by the square of their place, the last one most. */
function unevenRows(seed: number, rows: number, dimension: number): Float32Array {
  return gaussianRows(seed, rows, dimension).map((value, at) => value * (at % dimension) ** 2);
}

testProp(
  'an order is a permutation, and what it arranges it restores',
  [fc.integer({ min: 192, max: 400 }), fc.nat()],
  (t, dimension, seed) => {
    const rows = unevenRows(seed, 50, dimension);
    const order = orderByVariance(rows, dimension, 4);
    if (order === undefined) return t.fail('uneven rows have an order');
    const sorted = Int32Array.from(order.components).sort();
    t.deepEqual(sorted, Int32Array.from(sorted.keys()));
    const stored = new Float32Array(dimension);
    arrangeRow(order, rows, 3 * dimension, stored, 0);
    t.deepEqual(restoreRow(order, stored), rows.slice(3 * dimension, 4 * dimension));
  },
  { seed: 108, numRuns: 30 },
);

test('the components that vary most come first and equal ones keep their order', (t) => {
  const dimension = 300;
  const rows = new Float32Array(8 * dimension);
  for (let row = 0; row < 8; row += 2) {
    rows[row * dimension + 200] = 9;
    rows[row * dimension + 100] = 5;
  }
  const order = orderByVariance(rows, dimension, 4);
  t.deepEqual([...(order?.components.slice(0, 4) ?? [])], [200, 100, 0, 1]);
  t.is(order?.startBytes, 512);
});

test('short rows and rows that vary evenly are left as they are', (t) => {
  t.is(orderByVariance(unevenRows(1, 50, 100), 100, 4), undefined);
  t.is(orderByVariance(gaussianRows(2, 200, 400), 400, 4), undefined);
  t.is(orderByVariance(new Float32Array(0), 400, 4), undefined);
});
