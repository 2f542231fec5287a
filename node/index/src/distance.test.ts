import { fc, testProp } from '@fast-check/ava';
import { distanceKernel } from './distance.ts';
import { gaussianRows } from './sample-vectors.ts';
import { METRICS, type Metric } from './vector-index.ts';

const plain: Record<Metric, (a: number[], b: number[]) => number> = {
  cosine: (a, b) => 1 - sum(a.map((x, i) => x * (b[i] ?? 0))),
  dot: (a, b) => -sum(a.map((x, i) => x * (b[i] ?? 0))),
  euclidean: (a, b) => sum(a.map((x, i) => (x - (b[i] ?? 0)) ** 2)),
  manhattan: (a, b) => sum(a.map((x, i) => Math.abs(x - (b[i] ?? 0)))),
};

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

testProp(
  'the unrolled kernels agree with the plain formulas at every dimension and offset',
  [fc.constantFrom(...METRICS), fc.integer({ min: 1, max: 130 }), fc.nat({ max: 9 }), fc.nat()],
  (t, metric, dimension, offset, seed) => {
    const a = gaussianRows(seed, 1, dimension + offset);
    const b = gaussianRows(seed + 1, 1, dimension + 3);
    const measured = distanceKernel(metric)(a, offset, b, 3, dimension);
    const expected = plain[metric]([...a.subarray(offset)], [...b.subarray(3)]);
    t.true(Math.abs(measured - expected) <= 1e-9 * (1 + Math.abs(expected)));
  },
  { seed: 103, numRuns: 200 },
);
