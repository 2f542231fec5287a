import test from 'ava';
import { seededSource } from '../seeded-source.ts';
import { addGaussianNoise, gaussianGrid } from './gaussian-mechanism.ts';

test('noise has the deviation that was asked for, and results lie on the grid', async (t) => {
  const noise = { sensitivity: 0.5, noiseMultiplier: 3 };
  const values = Float64Array.from({ length: 20_000 }, (_, i) => Math.cos(i) * 10);
  const noisy = await addGaussianNoise(values, noise, seededSource(1));
  const errors = noisy.map((value, i) => (value - (values[i] ?? 0)) / 1.5);
  const n = errors.length;
  t.true(Math.abs(errors.reduce((sum, error) => sum + error, 0)) < 5 * Math.sqrt(n));
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  t.true(Math.abs(squares - n) < 5 * Math.sqrt(2 * n));
  const { unit } = gaussianGrid(noise, values.length);
  t.true(noisy.every((value) => Number.isInteger(value / unit)));
});

test('what rounding to the grid adds to the sensitivity, the noise makes up for', (t) => {
  for (const elements of [1, 10_000, 1 << 26]) {
    for (const noiseMultiplier of [0.3, 1, 40]) {
      const { stdDev, unit } = gaussianGrid({ sensitivity: 2, noiseMultiplier }, elements);
      const sensitivityUnits = 2 / unit + 2 * Math.sqrt(elements);
      t.true(stdDev >= noiseMultiplier * sensitivityUnits * (1 - 1e-12));
      t.true(stdDev <= 2 ** 30 * 1.001);
    }
  }
});

test('noise of no size, and vectors that leave the grid, are refused', async (t) => {
  const source = seededSource(2);
  const one = Float64Array.of(1);
  for (const noise of [
    { sensitivity: 0, noiseMultiplier: 1 },
    { sensitivity: 1, noiseMultiplier: 0 },
    { sensitivity: 1e-20, noiseMultiplier: 1 },
  ]) {
    await t.throwsAsync(addGaussianNoise(one, noise, source), { instanceOf: RangeError });
  }
  const infinite = addGaussianNoise(
    Float64Array.of(Number.POSITIVE_INFINITY),
    { sensitivity: 1, noiseMultiplier: 1 },
    source,
  );
  await t.throwsAsync(infinite, { instanceOf: RangeError });
});
