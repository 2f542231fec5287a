import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { clusteredRows, gaussianRows, rowOf } from '../sample-vectors.ts';
import { kMeans, kMeansSteps } from './k-means.ts';

const METRICS = ['euclidean', 'cosine'] as const;

const samples = fc
  .record({
    dimension: fc.integer({ min: 1, max: 90 }),
    count: fc.integer({ min: 1, max: 60 }),
    clusters: fc.integer({ min: 1, max: 70 }),
    metric: fc.constantFrom(...METRICS),
    seed: fc.nat(),
    shape: fc.constantFrom('distinct', 'duplicates', 'zeros'),
  })
  .map((sample) => ({ ...sample, rows: shaped(sample) }));

function shaped(sample: { shape: string; seed: number; count: number; dimension: number }) {
  const { count, dimension, seed, shape } = sample;
  const rows = gaussianRows(seed, count, dimension);
  if (shape === 'zeros') return rows.map((v, i) => (Math.floor(i / dimension) % 2 ? v : 0));
  return shape === 'duplicates' ? rows.map((_, i) => rows[i % (dimension * 3)] ?? 0) : rows;
}

function square(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + (value - (b[d] ?? Number.NaN)) ** 2, 0);
}

function nearestSquare(row: Float32Array, centroids: Float32Array): number {
  const { length } = row;
  const squares = Array.from({ length: centroids.length / length }, (_, c) =>
    square(row, rowOf(centroids, length, c)),
  );
  return Math.min(...squares);
}

function unit(row: Float32Array): Float32Array {
  const norm = Math.hypot(...row);
  return row.map((value, d) => (norm > 0 ? value / norm : d === 0 ? 1 : 0));
}

testProp(
  'the inertia never rises, and it is the sum over each row and its nearest centroid',
  [samples],
  (t, { clusters, count, dimension, metric, rows, seed }) => {
    const result = kMeans(rows, { dimension, clusters, metric, seed });
    const { centroids, inertia, inertias } = result;
    t.is(centroids.length, clusters * dimension);
    t.true(centroids.every(Number.isFinite));
    t.true(inertias.every((value, i) => i === 0 || value < (inertias[i - 1] ?? 0)));
    let expected = 0;
    for (let row = 0; row < count; row++) {
      const own = rowOf(rows, dimension, row);
      expected += nearestSquare(metric === 'cosine' ? unit(own) : own, centroids);
    }
    t.true(Math.abs(inertia - expected) <= 1e-4 * Math.max(1, expected), `${inertia} ${expected}`);
    t.is(result.sampledRows, count);
  },
  { seed: 31, numRuns: 150 },
);

testProp(
  'with at least as many clusters as rows every row is a centroid',
  [samples],
  (t, { count, dimension, rows, seed }) => {
    const { centroids, inertia } = kMeans(rows, { dimension, clusters: count + 2, seed });
    t.is(inertia, 0);
    for (let row = 0; row < count; row++) {
      t.is(nearestSquare(rowOf(rows, dimension, row), centroids), 0);
    }
  },
  { seed: 32, numRuns: 30 },
);

testProp(
  'a range of components gives what their copies alone give',
  [fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 11 })],
  (t, from, width) => {
    const dimension = 31;
    const rows = gaussianRows(from, 50, dimension);
    const cut = Float32Array.from({ length: 50 * width }, (_, i) => {
      return rows[Math.floor(i / width) * dimension + from + (i % width)] ?? Number.NaN;
    });
    t.deepEqual(
      kMeans(rows, { dimension, clusters: 4, from, to: from + width }),
      kMeans(cut, { dimension: width, clusters: 4 }),
    );
  },
  { seed: 33, numRuns: 30 },
);

test('well separated clusters are all found', (t) => {
  const dimension = 24;
  const rows = clusteredRows(7, 800, dimension, 16);
  const { inertia } = kMeans(rows, { dimension, clusters: 16, seed: 3 });
  const noise = 0.09 * dimension;
  t.true(inertia / 800 < 1.6 * noise, `${inertia / 800} against ${noise}`);
});

test('spherical centroids have length one and ignore the length of rows', (t) => {
  const dimension = 5;
  const rows = gaussianRows(4, 200, dimension);
  const scaled = rows.map((value, i) => value * 2 ** (Math.floor(i / dimension) % 3));
  const options = { dimension, clusters: 9, metric: 'cosine' } as const;
  const { centroids } = kMeans(rows, options);
  t.deepEqual(kMeans(scaled, options).centroids, centroids);
  for (let c = 0; c < 9; c++) {
    t.true(Math.abs(Math.hypot(...rowOf(centroids, dimension, c)) - 1) < 1e-6);
  }
});

test('equal seeds give equal centroids, bytes train as the same floats do', (t) => {
  const rows = gaussianRows(5, 300, 6).map((value) => Math.abs(Math.round(value * 40)) % 256);
  const options = { dimension: 6, clusters: 8, seed: 11 };
  const result = kMeans(rows, options);
  t.deepEqual(kMeans(rows, options), result);
  t.deepEqual(kMeans(Uint8Array.from(rows), options), result);
  t.notDeepEqual(kMeans(rows, { ...options, seed: 12 }).centroids, result.centroids);
});

test('more rows than the sampling limit are sampled down to it', (t) => {
  const rows = gaussianRows(6, 500, 3);
  const options = { dimension: 3, clusters: 4, pointsPerCentroidMax: 20 };
  t.is(kMeans(rows, options).sampledRows, 80);
  t.is(kMeans(rows, { ...options, pointsPerCentroidMax: 200 }).sampledRows, 500);
});

test('a signal ends the training between two iterations', (t) => {
  const stop = new AbortController();
  const rows = gaussianRows(6, 500, 3);
  const steps = kMeansSteps(rows, { dimension: 3, clusters: 9, signal: stop.signal });
  t.true(Number(steps.next().value) > 0);
  stop.abort(new Error('shutting down'));
  t.throws(() => steps.next(), { message: 'shutting down' });
});

test('refusals name the violated inequality', (t) => {
  const rows = new Float32Array(6);
  const refused = (settings: object, message: RegExp) =>
    t.throws(() => kMeans(rows, { dimension: 3, clusters: 2, ...settings }), { message });
  refused({ clusters: 0 }, /clusters >= 1/);
  refused({ dimension: 4 }, /rows = 1.5/);
  refused({ from: 2, to: 2 }, /to >= 3/);
  refused({ to: 4 }, /to <= 3/);
  t.throws(() => kMeans(new Float32Array(0), { dimension: 3, clusters: 2 }), {
    message: /rows >= 1/,
  });
});
