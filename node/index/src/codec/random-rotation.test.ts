import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { gaussianRows } from '../sample-vectors.ts';
import { RandomRotation } from './random-rotation.ts';

const product = (a: Float32Array, b: Float32Array) =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

testProp(
  'a rotation keeps inner products and can be undone, whatever the dimension',
  [fc.integer({ min: 1, max: 600 }), fc.nat({ max: 1_000 })],
  (t, half, seed) => {
    const dimension = 2 * half;
    const rotation = new RandomRotation(dimension, seed);
    const [a, b] = [gaussianRows(seed, 1, dimension), gaussianRows(seed + 1, 1, dimension)];
    const [turnedA, turnedB] = [a.slice(), b.slice()];
    rotation.apply(turnedA);
    rotation.apply(turnedB);
    t.true(Math.abs(product(turnedA, turnedB) - product(a, b)) <= 1e-4 * dimension);
    t.true(Math.abs(product(turnedA, turnedA) - product(a, a)) <= 1e-4 * dimension);
    rotation.invert(turnedA);
    t.true(turnedA.every((value, i) => Math.abs(value - (a[i] as number)) <= 1e-4));
  },
  { seed: 204, numRuns: 100 },
);

test('a single component is spread over all, as over a random direction', (t) => {
  for (const dimension of [128, 384, 896]) {
    for (const component of [0, dimension / 2, dimension - 1]) {
      const row = new Float32Array(dimension);
      row[component] = 1;
      new RandomRotation(dimension, 1).apply(row);
      // A component of a random direction has the deviation 1/√D; six are never seen.
      t.true(row.every((value) => Math.abs(value) <= 6 / Math.sqrt(dimension)));
      const half = row.subarray(0, dimension / 2);
      const share = product(half, half);
      t.true(share > 0.3 && share < 0.7, `${share}`);
    }
  }
});
