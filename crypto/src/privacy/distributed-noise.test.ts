import test from 'ava';
import fc from 'fast-check';
import { gaussianRdp } from './accountant.ts';
import {
  type DistributedNoise,
  distributedNoiseExampleRdp,
  distributedNoiseRdp,
  NOISY_SUM_BITS,
  noiseProblem,
  noiseShape,
} from './distributed-noise.ts';

const SETTINGS: DistributedNoise = {
  mechanism: 'skellam',
  elements: 1000,
  clippingNorm: 2,
  noiseMultiplier: 1.5,
  survivorsMin: 7,
  participants: 10,
  rotationSeed: new Uint8Array(32),
};

const settings = fc.record({
  mechanism: fc.constantFrom('skellam' as const, 'discrete-gaussian' as const),
  elements: fc.integer({ min: 1, max: 2 ** 26 }),
  clippingNorm: fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
  noiseMultiplier: fc.double({ min: 1e-3, max: 100, noNaN: true }),
  survivorsMin: fc.integer({ min: 1, max: 50 }),
  participants: fc.integer({ min: 50, max: 1000 }),
  rotationSeed: fc.constant(new Uint8Array(32)),
});

test('four deviations of the noisy sum fill the bits, by the formula of the paper', (t) => {
  const { paddedElements: d, scale, shareStdDev } = noiseShape(SETTINGS);
  const { clippingNorm: c, participants: n } = SETTINGS;
  const share = shareStdDev / scale;
  const spread = Math.sqrt((c * n) ** 2 / d + (1 / scale ** 2 / 4 + share ** 2) * n);
  t.is(d, 1024);
  t.true(Math.abs((2 * 4 * spread * scale) / 2 ** NOISY_SUM_BITS - 1) < 1e-9);
});

test('whatever the settings, enough shares make the noise that was asked for', (t) => {
  fc.assert(
    fc.property(settings, (one) => {
      const { scale, shareVariance } = noiseShape(one);
      const variance = one.survivorsMin * shareVariance;
      const asked = (one.noiseMultiplier * one.clippingNorm * scale) ** 2;
      t.true(variance >= asked * (1 - 1e-12));
    }),
  );
});

test('whatever the settings, coordinates and noise fit 32 bits, and the sum its ring', (t) => {
  fc.assert(
    fc.property(settings, (one) => {
      const { normSquaredMax, shareStdDev, shareVariance } = noiseShape(one);
      t.true(Math.sqrt(normSquaredMax) + 40 * shareStdDev < 2 ** 31);
      const sumStdDev = Math.sqrt(one.participants * shareVariance);
      t.true(8 * sumStdDev <= 2 ** NOISY_SUM_BITS + 8 * Math.sqrt(one.participants));
    }),
  );
});

test('the grid costs next to nothing beside a central Gaussian of the same noise', (t) => {
  for (const elements of [10, 1000, 1_000_000]) {
    for (const mechanism of ['skellam', 'discrete-gaussian'] as const) {
      const cost = distributedNoiseRdp({ ...SETTINGS, elements, mechanism }, { kind: 'all' });
      const central = gaussianRdp(SETTINGS.noiseMultiplier, { kind: 'all' });
      const ratio = cost.epsilon(1e-5, 'tight').epsilon / central.epsilon(1e-5, 'tight').epsilon;
      t.true(ratio > 0.999 && ratio < 1.001, `${mechanism}, ${elements}: ${ratio}`);
    }
  }
});

test('one example costs what twice the norm costs', (t) => {
  const half = gaussianRdp(SETTINGS.noiseMultiplier / 2, { kind: 'all' });
  const cost = distributedNoiseExampleRdp(SETTINGS).epsilon(1e-5, 'tight').epsilon;
  t.true(Math.abs(cost / half.epsilon(1e-5, 'tight').epsilon - 1) < 1e-3);
});

test('sampled cohorts cost less than fixed ones', (t) => {
  const sampled = distributedNoiseRdp(SETTINGS, { kind: 'poisson', rate: 0.05 });
  const fixed = distributedNoiseRdp(SETTINGS, { kind: 'all' });
  t.true(sampled.epsilon(1e-5, 'tight').epsilon < fixed.epsilon(1e-5, 'tight').epsilon / 2);
});

test('settings that cannot be kept are named', (t) => {
  const named: readonly (readonly [Partial<DistributedNoise>, RegExp])[] = [
    [{ elements: 0 }, /elements = 0/],
    [{ elements: 2 ** 27 }, /elements = /],
    [{ clippingNorm: Number.NaN }, /clippingNorm = NaN/],
    [{ noiseMultiplier: 0 }, /noiseMultiplier = 0/],
    [{ survivorsMin: 0 }, /survivorsMin = 0/],
    [{ participants: 6 }, /participants = 6/],
    [{ rotationSeed: new Uint8Array(16) }, /has 16/],
  ];
  t.is(noiseProblem(SETTINGS), undefined);
  for (const [wrong, pattern] of named) {
    t.regex(noiseProblem({ ...SETTINGS, ...wrong }) ?? '', pattern);
    t.throws(() => noiseShape({ ...SETTINGS, ...wrong }), { message: pattern });
  }
});
