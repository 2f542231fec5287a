// Differentially private gradient descent inside a site (Abadi et al. 2016, Algorithm 1): every
// example's gradient is clipped, the sum gets noise, and the batch is a Poisson sample.

import type { RandomSource } from '../random-source.ts';
import { clippingFactor } from './clipping.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { gaussianGrid } from './gaussian-mechanism.ts';
import { UniformDraws } from './uniform-draws.ts';

export interface GradientPrivacy {
  /** Euclidean bound C of one example's gradient. */
  readonly clippingNorm: number;
  /** Standard deviation of the noise in the sum, over `clippingNorm`. */
  readonly noiseMultiplier: number;
  /** Sampling rate times examples. Not the batch at hand, whose size depends on the data. */
  readonly expectedBatch: number;
}

/**
 * The noisy mean gradient. With or without one example the sum of clipped gradients differs by at
 * most C: one step costs `gaussianRdp(noiseMultiplier, { kind: 'poisson', rate })` when the batch
 * came from {@link poissonBatch} with that rate.
 *
 * @param gradients `[examples × parameters]`, one row for each example of the batch; may be empty
 * @returns `[parameters]`, the noisy sum over `expectedBatch`
 * @throws {RangeError} when rows are incomplete or not finite, or a setting is not positive
 */
export function privatiseGradients(
  gradients: Float32Array | Float64Array,
  parameters: number,
  settings: GradientPrivacy,
  random: RandomSource,
): Float64Array {
  const { clippingNorm, expectedBatch, noiseMultiplier } = settings;
  if (!(expectedBatch > 0)) throw new RangeError(`expectedBatch = ${expectedBatch}`);
  if (!Number.isInteger(parameters) || parameters < 1 || gradients.length % parameters !== 0) {
    throw new RangeError(`${gradients.length} values are no rows of ${parameters}`);
  }
  const grid = gaussianGrid({ sensitivity: clippingNorm, noiseMultiplier }, parameters);
  const draws = new UniformDraws(random);
  // Whole numbers: their sum is exact, in any order.
  const sum = new Float64Array(parameters);
  for (let start = 0; start < gradients.length; start += parameters) {
    const row = gradients.subarray(start, start + parameters);
    const factor = clippingFactor(row, clippingNorm) / grid.unit;
    for (let i = 0; i < parameters; i++) {
      sum[i] = (sum[i] as number) + Math.round((row[i] as number) * factor);
    }
  }
  return sum.map(
    (whole) => ((whole + discreteGaussian(draws, grid.stdDev)) * grid.unit) / expectedBatch,
  );
}

/**
 * A Poisson sample: each example is in the batch with probability `rate`, independently. Nobody may
 * learn who was in it.
 *
 * @returns indices, ascending; may be empty
 */
export function poissonBatch(examples: number, rate: number, random: RandomSource): Uint32Array {
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`0 <= rate <= 1, but rate = ${rate}`);
  const draws = new UniformDraws(random);
  const batch: number[] = [];
  for (let example = 0; example < examples; example++) {
    if (draws.uint53() * 2 ** -53 < rate) batch.push(example);
  }
  return Uint32Array.from(batch);
}
