import test from 'ava';
import { seededSource } from '../seeded-source.ts';
import { chiSquareDeviations } from './chi-square-fixture.ts';
import { discreteGaussian, discreteLaplace } from './discrete-gaussian.ts';
import { UniformDraws } from './uniform-draws.ts';

const SAMPLES = 100_000;

/** Chances of the integers −reach … reach for a probability up to a factor. */
function chancesOf(weight: (k: number) => number, reach: number): number[] {
  const weights = Array.from({ length: 401 }, (_, i) => weight(i - 200));
  const total = weights.reduce((sum, each) => sum + each, 0);
  return weights.slice(200 - reach, 201 + reach).map((each) => each / total);
}

/** Outcomes as cells of the chances; all others in the last one. */
function cellsOf(samples: readonly number[], reach: number): number[] {
  return samples.map((k) => (Math.abs(k) <= reach ? k + reach : 2 * reach + 1));
}

for (const stdDev of [1, 2, 7]) {
  test(`samples of deviation ${stdDev} have the chances of a discrete Gaussian`, (t) => {
    const draws = new UniformDraws(seededSource(stdDev));
    const samples = Array.from({ length: SAMPLES }, () => discreteGaussian(draws, stdDev));
    const chances = chancesOf((k) => Math.exp(-(k * k) / (2 * stdDev * stdDev)), 4 * stdDev);
    t.true(Math.abs(chiSquareDeviations(cellsOf(samples, 4 * stdDev), chances)) < 5);
  });
}

test('proposals have the chances of a discrete Laplace', (t) => {
  const draws = new UniformDraws(seededSource(4));
  const samples = Array.from({ length: SAMPLES }, () => discreteLaplace(draws, 3));
  const chances = chancesOf((k) => Math.exp(-Math.abs(k) / 3), 12);
  t.true(Math.abs(chiSquareDeviations(cellsOf(samples, 12), chances)) < 5);
});

test('wide noise has the variance that was asked for', (t) => {
  const draws = new UniformDraws(seededSource(5));
  for (const stdDev of [1000, 2 ** 30]) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < SAMPLES; i++) {
      const sample = discreteGaussian(draws, stdDev) / stdDev;
      sum += sample;
      squares += sample * sample;
    }
    t.true(Math.abs(sum) < 5 * Math.sqrt(SAMPLES));
    t.true(Math.abs(squares - SAMPLES) < 5 * Math.sqrt(2 * SAMPLES));
  }
});

test('a deviation that is no whole number is refused', (t) => {
  const draws = new UniformDraws(seededSource(6));
  for (const wrong of [0, 0.5, 2 ** 41, Number.NaN]) {
    t.throws(() => discreteGaussian(draws, wrong), { instanceOf: RangeError });
  }
});
