// The discrete Gaussian N_Z(0, σ²), exactly (Canonne, Kamath and Steinke 2020, Algorithms 1 to 3):
// discrete Laplace proposals, thinned by coins of probability exp(−x).

import { bernoulliExp, bernoulliGaussian } from './bernoulli-exp.ts';
import type { UniformDraws } from './uniform-draws.ts';

/** Beyond this a sum of a few deviations is no exact double. */
export const DISCRETE_STD_DEV_MAX = 2 ** 40;

/**
 * One sample of probability proportional to exp(−x² / 2σ²) on the integers.
 * @throws {RangeError} unless `stdDev` is a whole number from 1 to {@link DISCRETE_STD_DEV_MAX}
 */
export function discreteGaussian(draws: UniformDraws, stdDev: number): number {
  if (!(Number.isInteger(stdDev) && stdDev >= 1 && stdDev <= DISCRETE_STD_DEV_MAX)) {
    throw new RangeError(`1 <= stdDev <= ${DISCRETE_STD_DEV_MAX}, whole, but stdDev = ${stdDev}`);
  }
  while (true) {
    const proposal = discreteLaplace(draws, stdDev);
    // With proposals of scale σ the paper's exponent is (|y| − σ)² / 2σ².
    if (bernoulliGaussian(draws, Math.abs(Math.abs(proposal) - stdDev), stdDev)) return proposal;
  }
}

/** One sample of probability proportional to exp(−|x| / scale) on the integers. */
export function discreteLaplace(draws: UniformDraws, scale: number): number {
  while (true) {
    const rest = draws.below(scale);
    if (!bernoulliExp(draws, rest, scale)) continue;
    let whole = 0;
    while (bernoulliExp(draws, 1, 1)) whole++;
    const magnitude = rest + scale * whole;
    const isNegative = draws.uint32() >>> 31 === 1;
    // Zero has one sign only.
    if (!isNegative) return magnitude;
    if (magnitude > 0) return -magnitude;
  }
}
