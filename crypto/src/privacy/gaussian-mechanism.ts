// The Gaussian mechanism on a grid: a vector is rounded to whole units and gets discrete Gaussian
// noise, so that no low bit of a floating-point number gives away what was added (Mironov 2012).

import type { RandomSource } from '../random-source.ts';
import { type Pace, yieldingPace } from '../secagg/pace.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { inTurns } from './in-turns.ts';
import { UniformDraws } from './uniform-draws.ts';

export interface GaussianNoise {
  /** Largest Euclidean norm by which neighbouring vectors differ. */
  readonly sensitivity: number;
  /** Standard deviation of the noise over the sensitivity. */
  readonly noiseMultiplier: number;
}

/** A grid on which the noise has about 2^30 units of standard deviation. */
export interface GaussianGrid {
  /** Length of one unit. */
  readonly unit: number;
  /** Of the noise, in units: what rounding adds to the sensitivity is made up for. */
  readonly stdDev: number;
}

const STD_DEV_UNITS = 2 ** 30;
const SAMPLES_PER_TURN = 1 << 14;

/** @throws {RangeError} unless sensitivity and noise multiplier are positive and finite */
export function gaussianGrid(noise: GaussianNoise, elements: number): GaussianGrid {
  const { noiseMultiplier, sensitivity } = noise;
  const unit = (sensitivity * noiseMultiplier) / STD_DEV_UNITS;
  if (!(unit > 0 && Number.isFinite(unit) && noiseMultiplier <= 2 ** 20)) {
    throw new RangeError(`sensitivity = ${sensitivity}, noiseMultiplier = ${noiseMultiplier}`);
  }
  // Dividing and rounding move each coordinate of each of two neighbours by less than one unit.
  const rounding = 2 * Math.sqrt(elements);
  return { unit, stdDev: Math.ceil(STD_DEV_UNITS + noiseMultiplier * rounding) };
}

/**
 * Adds noise to a vector whose neighbours differ by at most `sensitivity`; its cost is
 * `gaussianRdp(noiseMultiplier)`. For the mean of n clipped updates the sensitivity is the clipping
 * norm over n.
 *
 * @returns a new vector `[elements]`
 * @throws {RangeError} when a coordinate is beyond 2^22 deviations, or not finite
 */
export async function addGaussianNoise(
  values: Float64Array,
  noise: GaussianNoise,
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<Float64Array> {
  const { stdDev, unit } = gaussianGrid(noise, values.length);
  const draws = new UniformDraws(random);
  const noisy = new Float64Array(values.length);
  await inTurns(values.length, SAMPLES_PER_TURN, pace, (from, to) => {
    for (let i = from; i < to; i++) {
      const whole = Math.round((values[i] as number) / unit);
      if (!(Math.abs(whole) <= 2 ** 52)) throw new RangeError(`coordinate ${i} is ${values[i]}`);
      noisy[i] = (whole + discreteGaussian(draws, stdDev)) * unit;
    }
  });
  return noisy;
}
