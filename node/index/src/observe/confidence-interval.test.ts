import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { countCollisions } from './collisions.ts';
import { wilsonInterval } from './confidence-interval.ts';
import { distributionOf } from './distribution.ts';

const published: [number, number, number, number][] = [
  // Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 29/29.
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [29, 29, 0.883, 1],
];

for (const [hits, count, lower, upper] of published) {
  test(`the interval of ${hits} in ${count} is the published one`, (t) => {
    const interval = wilsonInterval(hits / count, count);
    t.true(Math.abs(interval.lower - lower) < 6e-5, `${interval.lower}`);
    t.true(Math.abs(interval.upper - upper) < 6e-5, `${interval.upper}`);
  });
}

test('of nothing is known nothing', (t) => {
  t.deepEqual(wilsonInterval(0, 0), { lower: 0, upper: 1 });
});

testProp(
  'a distribution is ordered and holds its values',
  [fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 })],
  (t, values) => {
    const { count, max, mean, min, p50, p95 } = distributionOf(values);
    t.is(count, values.length);
    t.deepEqual([min, max], [Math.min(...values), Math.max(...values)]);
    t.true(min <= p50 && p50 <= p95 && p95 <= max && min <= mean && mean <= max);
    t.true(values.includes(p50) && values.includes(p95));
    t.true(values.filter((value) => value <= p95).length >= 0.95 * values.length);
  },
);

test('the collision probability of uniform queries is one in as many rows', (t) => {
  const random = new SeededRandom(4);
  const ids = Array.from({ length: 5_000 }, () => `${random.nextUint32() % 250}`);
  const { count, hottest, lower, probability } = countCollisions(ids);
  t.true(Math.abs(250 * probability - 1) < 0.05, `${probability}`);
  t.true(lower < probability);
  t.is(count, 5_000);
  t.true((hottest[0]?.[1] ?? 0) >= (hottest[249]?.[1] ?? 0));
});

testProp(
  'collisions are the pairs of queries with one nearest row',
  [fc.array(fc.nat({ max: 4 }), { minLength: 2, maxLength: 30 })],
  (t, rows) => {
    let pairs = 0;
    for (const [i, a] of rows.entries()) for (const b of rows.slice(i + 1)) if (a === b) pairs++;
    const { probability } = countCollisions(rows);
    const allPairs = (rows.length * (rows.length - 1)) / 2;
    t.true(Math.abs(probability - pairs / allPairs) < 1e-12);
  },
);
