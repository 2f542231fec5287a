import test from 'ava';
import fc from 'fast-check';
import { Mt19937 } from './mt19937.ts';
import { UniformSampler } from './uniform-sampler.ts';

function samplerOver(length: number, seed = 0): UniformSampler {
  const sampler = new UniformSampler(new Mt19937(seed));
  sampler.initialize(length);
  return sampler;
}

test('20 of 100 from seed 0 are the reference sample', (t) => {
  t.deepEqual(
    samplerOver(100).sample(20),
    [55, 88, 63, 24, 23, 9, 25, 77, 3, 20, 27, 84, 53, 95, 50, 1, 72, 0, 93, 68],
  );
});

test('no element is drawn twice, all are drawn in the end, then none', (t) => {
  const sampler = samplerOver(3);
  t.deepEqual(sampler.sample(3)?.sort(), [0, 1, 2]);
  t.is(sampler.next(), undefined);
  t.is(sampler.sample(4), undefined);
  t.deepEqual(sampler.sample(0), []);
  t.is(samplerOver(0).next(), undefined);
});

test('a population of 2^53 is sampled, a larger one is refused', (t) => {
  const sample = samplerOver(2 ** 53).sample(5) ?? [];
  t.is(new Set(sample).size, 5);
  t.true(sample.every((each) => Number.isSafeInteger(each)));
  for (const length of [2 ** 54, -1, 1.5]) {
    t.throws(() => samplerOver(length), { instanceOf: RangeError });
  }
});

test('small and large populations are shuffled by the same rule', (t) => {
  // Both draw from the same words: the larger one is a power of two times the smaller.
  const small = samplerOver(2 ** 20).sample(1);
  const large = samplerOver(2 ** 21).sample(1);
  t.is((large?.[0] ?? 0) % 2 ** 20, small?.[0] ?? -1);
});

test('a sample repeats with its seed and never depends on what was drawn before', (t) => {
  const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(lengths, fc.nat(), fc.nat(60), (before, seed, count) => {
      const random = new Mt19937(seed);
      const used = new UniformSampler(random);
      for (const length of before) {
        used.initialize(length);
        used.sample(Math.ceil(length / 2));
      }
      random.seed(seed);
      used.initialize(60);
      t.deepEqual(used.sample(count), samplerOver(60, seed).sample(count));
    }),
    { numRuns: 300 },
  );
});

test('every element is drawn about as often as any other', (t) => {
  const counts = new Uint32Array(10);
  const sampler = samplerOver(10, 5);
  for (let i = 0; i < 20_000; i += 1) {
    for (const element of sampler.sample(3) ?? []) counts[element] = (counts[element] ?? 0) + 1;
  }
  // 6,000 expected, standard deviation 65.
  for (const count of counts) t.true(Math.abs(count - 6000) < 325, `${count}`);
});
