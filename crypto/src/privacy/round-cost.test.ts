import test from 'ava';
import { gaussianRdp } from './accountant.ts';
import {
  centralCost,
  combinedCost,
  distributedCost,
  gradientCost,
  NO_NOISE,
} from './round-cost.ts';

const noise = {
  mechanism: 'skellam',
  elements: 100,
  clippingNorm: 1,
  noiseMultiplier: 2,
  survivorsMin: 3,
  participants: 5,
  rotationSeed: new Uint8Array(32),
} as const;

test('noise in gradients protects examples and leaves the site without a bound', (t) => {
  const cost = gradientCost({ noiseMultiplier: 1.1, rate: 0.02, steps: 40 });
  const step = gaussianRdp(1.1, { kind: 'poisson', rate: 0.02 });
  t.deepEqual(cost.curves.example.toBytes(), step.times(40).toBytes());
  t.false(cost.curves.site.isBounded);
});

test('noise in the sum protects the site, and each example at twice the norm', (t) => {
  for (const cost of [distributedCost(noise, { kind: 'all' }), centralCost(2, { kind: 'all' })]) {
    const [site, example] = [cost.curves.site.at(8), cost.curves.example.at(8)];
    t.true(Math.abs(site - 1) < 1e-3 && Math.abs(example - 4) < 4e-3);
    t.is(cost.sources.length, 1);
  }
});

test('two sources of noise in one round cost the lesser of the two, not their sum', (t) => {
  const gradients = gradientCost({ noiseMultiplier: 5, rate: 0.01, steps: 10 });
  const both = combinedCost(gradients, distributedCost(noise, { kind: 'all' }));
  t.true(both.curves.example.at(8) <= gradients.curves.example.at(8));
  t.true(both.curves.site.isBounded);
  t.deepEqual(
    both.sources.map(({ mechanism }) => mechanism),
    ['dp-sgd', 'skellam'],
  );
  t.deepEqual(combinedCost(NO_NOISE, gradients).curves, gradients.curves);
  t.false(NO_NOISE.curves.example.isBounded);
});
