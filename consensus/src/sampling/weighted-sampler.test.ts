import test from 'ava';
import fc from 'fast-check';
import { Mt19937 } from './mt19937.ts';
import { WeightedSampler } from './weighted-sampler.ts';

function samplerOver(weights: readonly number[], seed = 0): WeightedSampler {
  return new WeightedSampler(new Mt19937(seed), weights);
}

test('samples of 1, 4 and 20 from one stream are the reference samples', (t) => {
  const sampler = samplerOver(Array.from({ length: 10 }, (_, i) => 1000 * (i + 1)));
  t.deepEqual(sampler.sample(1), [9]);
  t.deepEqual(sampler.sample(4), [7, 2, 4, 3]);
  t.deepEqual(sampler.sample(20), [5, 9, 3, 6, 7, 5, 4, 4, 8, 8, 7, 7, 8, 9, 7, 7, 6, 5, 7, 5]);
});

test('a member is drawn once per unit of its weight and never more often', (t) => {
  t.deepEqual(samplerOver([1, 1, 2]).sample(4)?.sort(), [0, 1, 2, 2]);
  t.is(samplerOver([1, 1, 2]).sample(5), undefined);
  t.deepEqual(samplerOver([0, 3, 0]).sample(3), [1, 1, 1]);
  t.is(samplerOver([]).sample(1), undefined);
});

test('weights that overflow or are no counts are refused', (t) => {
  for (const weights of [[2 ** 53 - 1, 1], [-1], [1.5], [Number.NaN], [2 ** 53]]) {
    t.throws(() => samplerOver(weights), { instanceOf: RangeError });
  }
  t.is(samplerOver([2 ** 53 - 2, 1]).sample(20)?.length, 20);
});

test('a whole population comes out as its weights', (t) => {
  const weights = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(weights, fc.nat(), (given, seed) => {
      const sampler = samplerOver(given, seed);
      const counts = given.map(() => 0);
      for (const index of sampler.sample(sampler.totalWeight) ?? []) {
        counts[index] = (counts[index] ?? 0) + 1;
      }
      t.deepEqual(counts, given);
    }),
    { numRuns: 500 },
  );
});
