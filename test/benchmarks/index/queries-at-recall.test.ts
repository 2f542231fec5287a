import test from 'ava';
import { queriesAtRecall } from './queries-at-recall.ts';

const points = [
  { recall: 0.9, queriesPerSecond: 4_000 },
  { recall: 0.96, queriesPerSecond: 1_000 },
  { recall: 0.98, queriesPerSecond: 500 },
];

test('a measured recall gives its own rate', (t) => {
  for (const { queriesPerSecond, recall } of points) {
    t.true(Math.abs((queriesAtRecall(points, recall) ?? 0) - queriesPerSecond) < 1e-6);
  }
});

test('between two settings the logarithm of the rate is linear in recall', (t) => {
  t.true(Math.abs((queriesAtRecall(points, 0.93) ?? 0) - 2_000) < 1e-6);
});

test('nothing is extrapolated', (t) => {
  t.is(queriesAtRecall(points, 0.5), 4_000);
  t.is(queriesAtRecall(points, 0.99), undefined);
  t.is(queriesAtRecall([], 0.9), undefined);
});

test('a setting that another beats in both has no say', (t) => {
  const slow = { recall: 0.95, queriesPerSecond: 900 };
  t.is(queriesAtRecall([...points, slow], 0.95), queriesAtRecall(points, 0.95));
});

test('a higher recall never comes out faster, whatever the order of the settings', (t) => {
  const shuffled = [2, 0, 1].flatMap((at) => points[at] ?? []);
  let last = Number.POSITIVE_INFINITY;
  for (let recall = 0.85; recall <= 0.98; recall += 0.01) {
    const rate = queriesAtRecall(shuffled, recall) ?? 0;
    t.true(rate <= last);
    last = rate;
  }
});
