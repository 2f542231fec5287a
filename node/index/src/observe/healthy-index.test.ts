// The observer is quiet about sound indexes, whatever they hold.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import {
  clusteredRows,
  gaussianRows,
  numberedIds,
  rowOf,
  shuffledIntegers,
} from '../sample-vectors.ts';
import type { Metric } from '../vector-index.ts';
import { ObservedIndex } from './graph-view-fixture.ts';
import { IndexObserver } from './index-observer.ts';

const QUERIES = 250;

/** Rows and, behind them, queries of the same kind. */
const KINDS: Readonly<Record<string, (seed: number, rows: number, d: number) => Float32Array>> = {
  gaussian: gaussianRows,
  uniform: (seed, rows, d) => gaussianRows(seed, rows, d).map((x) => 1 / (1 + Math.exp(-x))),
  clustered: (seed, rows, d) => clusteredRows(seed, rows, d, 20),
  'two clusters': (seed, rows, d) => clusteredRows(seed, rows, d, 2),
  'heavy-tailed': (seed, rows, d) => gaussianRows(seed, rows, d).map((x) => x ** 3),
  // Strokes of a few kinds on an empty ground, in integers.
  'image-like': (seed, rows, d) =>
    clusteredRows(seed, rows, d, 10).map((x) => Math.min(255, Math.max(0, Math.trunc(120 * x)))),
};

async function inspected(
  metric: Metric,
  data: Float32Array,
  rows: number,
  dimension: number,
  churnRounds: number,
) {
  const observed = new ObservedIndex({ dimension, metric });
  const ids = numberedIds(rows);
  observed.insert(ids, data.slice(0, rows * dimension));
  for (let round = 0; round < churnRounds; round++) {
    const chosen = shuffledIntegers(round + 1, rows).slice(0, Math.ceil(rows / 10));
    for (const row of chosen) observed.delete(ids[row] ?? '');
    for (const row of chosen)
      observed.insert([ids[row] ?? ''], rowOf(data, dimension, row).slice());
  }
  const observer = new IndexObserver({ auditQueries: 40 });
  for (let i = 0; i < QUERIES; i++) {
    const query = rowOf(data, dimension, rows + i);
    observer.record(query, observed.index.search(query, { k: 10 }), { k: 10 });
  }
  return await observer.inspect(observed.subject);
}

testProp(
  'a sound index of any kind, metric and size yields no finding',
  [
    fc.nat(),
    fc.constantFrom(...Object.keys(KINDS)),
    fc.constantFrom<Metric>('euclidean', 'cosine', 'manhattan', 'dot'),
    fc.integer({ min: 10, max: 700 }),
    fc.constantFrom(1, 2, 8, 24),
  ],
  async (t, seed, kind, metric, rows, width) => {
    // Narrow images are mostly empty, directions of one component are two: the same query again
    // and again, which is truly a hot spot.
    const isNarrow = width === 1 && metric === 'cosine';
    const dimension = kind === 'image-like' || isNarrow ? 24 : width;
    const data = KINDS[kind]?.(seed, rows + QUERIES, dimension) ?? new Float32Array(0);
    const { findings, statistics } = await inspected(metric, data, rows, dimension, 0);
    // Under dot a row of great length answers most queries, and a graph of it has no guarantee.
    const expected = metric === 'dot' ? findings.filter(({ name }) => DOT.has(name)) : [];
    t.deepEqual(findings, expected);
    t.is(statistics.rows, rows);
  },
  { numRuns: 30 },
);

const DOT: ReadonlySet<string> = new Set(['hot-spot', 'low-recall']);

testProp(
  'ten rounds of churn leave nothing to find',
  [
    fc.nat(),
    fc.constantFrom('gaussian', 'clustered', 'image-like'),
    fc.integer({ min: 30, max: 400 }),
  ],
  async (t, seed, kind, rows) => {
    const data = KINDS[kind]?.(seed, rows + QUERIES, 16) ?? new Float32Array(0);
    const { findings } = await inspected('euclidean', data, rows, 16, 10);
    t.deepEqual(findings, []);
  },
  { numRuns: 6 },
);

for (const kind of ['gaussian', 'clustered']) {
  test(`5,000 ${kind} rows yield no finding and plausible numbers`, async (t) => {
    const data = KINDS[kind]?.(5, 5_000 + QUERIES, 16) ?? new Float32Array(0);
    const { findings, statistics } = await inspected('euclidean', data, 5_000, 16, 0);
    t.deepEqual(findings, []);
    t.is(statistics.rowsPerLayer[0], 5_000);
    t.true(statistics.degree.mean > 16 && statistics.degree.max <= 32);
    t.is(statistics.degree.mean, statistics.inDegree.mean);
    t.true(statistics.hops.max < 12);
    t.is(statistics.searches, QUERIES);
    t.true(statistics.searchDistances.p50 < statistics.searchDistances.p95);
    t.true((statistics.recall?.mean ?? 0) > 0.95);
  });
}

test('an empty index and one of a single row yield no finding', async (t) => {
  const observed = new ObservedIndex({ dimension: 2, metric: 'euclidean' });
  const observer = new IndexObserver();
  t.deepEqual((await observer.inspect(observed.subject)).findings, []);
  observed.insert(['one'], Float32Array.of(1, 2));
  t.deepEqual((await observer.inspect(observed.subject)).findings, []);
});
