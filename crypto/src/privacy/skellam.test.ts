import test from 'ava';
import { seededSource } from '../seeded-source.ts';
import { chiSquareDeviations } from './chi-square-fixture.ts';
import { SkellamSampler } from './skellam.ts';
import { skellamLogRatio } from './skellam-log-ratio.ts';
import { UniformDraws } from './uniform-draws.ts';

const SAMPLES = 100_000;
const WIDTH = 200n;

/** log I_k(μ) − log I_0(μ) by the power series of both, in whole numbers. */
function seriesLogRatio(k: number, variance: number): number {
  const quarter = BigInt(variance) ** 2n;
  const series = (order: bigint) => {
    let term = 1n << WIDTH;
    let sum = 0n;
    for (let m = 1n; term !== 0n; m++) {
      sum += term;
      term = (term * quarter) / (4n * m * (m + order));
    }
    return sum;
  };
  let dividend = series(BigInt(k)) << WIDTH;
  let divisor = series(0n);
  for (let i = 1; i <= k; i++) {
    dividend *= BigInt(variance);
    divisor *= 2n * BigInt(i);
  }
  const ratio = dividend / divisor;
  return Math.log(Number(ratio >> (WIDTH - 100n))) - 100 * Math.LN2;
}

test('probabilities agree with the power series, by recurrence and by expansion', (t) => {
  for (const variance of [1, 9, 300, 1023, 1024, 3000]) {
    const logRatio = skellamLogRatio(variance);
    const deviation = Math.sqrt(variance);
    for (const deviations of [0, 0.5, 1, 2, 5]) {
      const k = Math.round(deviations * deviation);
      const difference = Math.abs(logRatio(k) - seriesLogRatio(k, variance));
      t.true(difference < 2 ** -42, `variance ${variance}, k ${k}: ${difference}`);
    }
  }
});

test('probabilities of very wide noise fall as those of a Gaussian', (t) => {
  const logRatio = skellamLogRatio(2 ** 60);
  for (const deviations of [0, 1, 10]) {
    t.true(Math.abs(logRatio(deviations * 2 ** 30) + deviations ** 2 / 2) < 1e-12);
  }
});

/** Chances by convolving two Poisson variables of mean μ/2. */
function skellamChance(k: number, variance: number): number {
  const mean = variance / 2;
  const poisson: number[] = [Math.exp(-mean)];
  for (let i = 1; i < 200; i++) poisson.push(((poisson[i - 1] ?? 0) * mean) / i);
  return poisson.reduce((sum, chance, i) => sum + chance * (poisson[i + Math.abs(k)] ?? 0), 0);
}

for (const variance of [0.3, 2, 30]) {
  test(`samples of variance ${variance} are differences of Poisson variables`, (t) => {
    const sampler = new SkellamSampler(variance);
    const draws = new UniformDraws(seededSource(variance));
    const reach = Math.ceil(4 * Math.sqrt(variance)) + 1;
    const chances = Array.from({ length: 2 * reach + 1 }, (_, i) =>
      skellamChance(i - reach, variance),
    );
    const cells = Array.from({ length: SAMPLES }, () => {
      const sample = sampler.sample(draws);
      return Math.abs(sample) <= reach ? sample + reach : 2 * reach + 1;
    });
    t.true(Math.abs(chiSquareDeviations(cells, chances)) < 5);
  });
}

test('wide noise has the variance that was asked for, around zero', (t) => {
  for (const variance of [1000, 1025, 2 ** 40 + 1, 2 ** 76]) {
    const sampler = new SkellamSampler(variance);
    const draws = new UniformDraws(seededSource(variance));
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < SAMPLES; i++) {
      const sample = sampler.sample(draws) / Math.sqrt(variance);
      sum += sample;
      squares += sample * sample;
    }
    t.true(Math.abs(sum) < 5 * Math.sqrt(SAMPLES), `variance ${variance}`);
    t.true(Math.abs(squares - SAMPLES) < 5 * Math.sqrt(2 * SAMPLES), `variance ${variance}`);
  }
});

test('a variance without sense is refused', (t) => {
  for (const wrong of [0, -1, 2 ** 81, Number.NaN]) {
    t.throws(() => new SkellamSampler(wrong), { instanceOf: RangeError });
  }
});
