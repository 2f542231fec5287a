import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { evaluateRetrieval, targetRanks } from './ranking-metrics.ts';
import { seededUniforms } from './seeded-random.ts';

const random = (length: number, seed: number) => {
  const uniform = seededUniforms(seed);
  return Float32Array.from({ length }, () => uniform() - 0.5);
};

test('a perfect model scores one', (t) => {
  const rows = random(300 * 8, 1);
  for (let r = 0; r < 300; r++) {
    const row = rows.subarray(r * 8, r * 8 + 8);
    const norm = Math.hypot(...row);
    for (let d = 0; d < 8; d++) row[d] = (row[d] ?? 0) / norm;
  }
  const metrics = evaluateRetrieval(
    rows,
    rows,
    Array.from({ length: 300 }, (_, i) => i),
    8,
  );
  t.deepEqual(metrics, { queries: 300, recallAt10: 1, mrr: 1 });
});

test('ties rank against the answer: a model that scores all alike ranks last', (t) => {
  t.deepEqual([...targetRanks(new Float32Array(16), random(40 * 8, 2), [3, 39], 8)], [40, 40]);
  t.is(evaluateRetrieval(new Float32Array(8), random(40 * 8, 2), [0], 8).recallAt10, 0);
});

test('a broken model cannot score', (t) => {
  const answers = random(40 * 8, 3);
  const expectation = { code: 'non-finite-score' };
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const queries = random(8, 4);
    queries[2] = bad;
    t.throws(() => evaluateRetrieval(queries, answers, [0], 8), expectation);
    const broken = answers.slice();
    broken[39 * 8] = bad;
    t.throws(() => evaluateRetrieval(random(8, 4), broken, [0], 8), expectation);
  }
});

test('mismatched shapes are refused', (t) => {
  const expectation = { code: 'shape-mismatch' };
  t.throws(() => evaluateRetrieval(random(8, 1), random(16, 1), [0, 1], 8), expectation);
  t.throws(() => evaluateRetrieval(random(8, 1), random(15, 1), [0], 8), expectation);
  t.throws(() => evaluateRetrieval(random(8, 1), random(16, 1), [2], 8), expectation);
});

test('no queries score nothing', (t) => {
  const metrics = evaluateRetrieval(new Float32Array(), random(16, 1), [], 8);
  t.deepEqual(metrics, { queries: 0, recallAt10: 0, mrr: 0 });
});

testProp(
  'ranks equal those of a plain count',
  [fc.integer(), fc.integer({ min: 1, max: 70 }), fc.integer({ min: 1, max: 300 })],
  (t, seed, n, m) => {
    // Small whole numbers make ties common and every sum exact.
    const whole = (length: number, s: number) => random(length, s).map((x) => Math.round(x * 3));
    const queries = whole(n * 8, seed);
    const answers = whole(m * 8, seed ^ 1);
    const targets = Array.from({ length: n }, (_, i) => (i * 7) % m);
    const score = (q: number, a: number) => {
      let sum = 0;
      for (let d = 0; d < 8; d++) sum += (queries[q * 8 + d] ?? 0) * (answers[a * 8 + d] ?? 0);
      return sum;
    };
    const plain = targets.map((target, q) => {
      let rank = 0;
      for (let a = 0; a < m; a++) if (score(q, a) >= score(q, target)) rank += 1;
      return rank;
    });
    t.deepEqual([...targetRanks(queries, answers, targets, 8)], plain);
  },
);
