import test from 'ava';
import fc from 'fast-check';
import { seededSource } from '../seeded-source.ts';
import { roundConditionally, roundedNormSquaredMax } from './conditional-rounding.ts';
import { UniformDraws } from './uniform-draws.ts';

const squared = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value * value, 0);

test('each coordinate goes to a neighbouring whole number, and the norm keeps its bound', async (t) => {
  const vectors = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), {
    minLength: 1,
    maxLength: 64,
  });
  await fc.assert(
    fc.asyncProperty(vectors, fc.nat(), async (vector, seed) => {
      const values = Float64Array.from(vector);
      const normSquaredMax = roundedNormSquaredMax(Math.sqrt(squared(values)), values.length);
      const draws = new UniformDraws(seededSource(seed));
      const rounded = await roundConditionally(values, normSquaredMax, draws);
      t.true(squared(rounded) <= normSquaredMax);
      t.true(rounded.every((whole, i) => Math.abs(whole - (values[i] ?? 0)) < 1));
    }),
  );
});

test('a rounding that would be too long is drawn again', async (t) => {
  // Half of everything: a plain rounding passes the bound about every other time.
  const values = new Float64Array(64).fill(0.5);
  const normSquaredMax = roundedNormSquaredMax(4, 64);
  const draws = new UniformDraws(seededSource(1));
  const lengths: number[] = [];
  for (let i = 0; i < 200; i++) {
    lengths.push(squared(await roundConditionally(values, normSquaredMax, draws)));
  }
  t.true(lengths.every((length) => length <= normSquaredMax));
  t.true(
    lengths.some((length) => length > 32),
    'the bound is no stricter than it must be',
  );
});

test('rounding is unbiased', async (t) => {
  const values = Float64Array.of(0.25, -0.25, 3.9, -7.001, 0);
  const draws = new UniformDraws(seededSource(2));
  const sums = new Float64Array(values.length);
  const repeats = 20_000;
  for (let i = 0; i < repeats; i++) {
    const rounded = await roundConditionally(values, Number.POSITIVE_INFINITY, draws);
    rounded.forEach((whole, at) => {
      sums[at] = (sums[at] ?? 0) + whole;
    });
  }
  const bias = sums.map((sum, i) => sum / repeats - (values[i] ?? 0));
  t.true(bias.every((value) => Math.abs(value) < 5 / (2 * Math.sqrt(repeats))));
});

test('values longer than what their bound was made for are refused', async (t) => {
  const draws = new UniformDraws(seededSource(3));
  const rounding = roundConditionally(Float64Array.of(30, 40), 100, draws);
  await t.throwsAsync(rounding, { instanceOf: RangeError });
});

test('the bound is the lesser of what is certain and what is likely', (t) => {
  t.is(roundedNormSquaredMax(10, 1), 100 + 0.25 + 10 + 0.5);
  t.is(roundedNormSquaredMax(0.01, 1), 0.01 ** 2 + 0.25 + 0.01 + 0.5);
  t.is(roundedNormSquaredMax(1000, 10_000), 1_000_000 + 2500 + 1000 + 50);
});
