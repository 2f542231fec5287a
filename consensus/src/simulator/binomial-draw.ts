// One draw from a binomial distribution, exact up to rounding: inversion where few successes are
// expected, transformed rejection BTRS elsewhere (Hörmann, "The generation of binomial random
// variates", 1993).

import { logFactorial } from '../bounds/log-factorial.ts';
import type { Xoshiro128 } from './xoshiro.ts';

/** Below so many expected successes inversion is faster. */
const INVERSION_MEAN_MAX = 10;

/** How many of `trials` succeed, each with probability `chance`. */
export function drawBinomial(random: Xoshiro128, trials: number, chance: number): number {
  if (trials === 0 || chance <= 0) return 0;
  if (chance >= 1) return trials;
  if (chance > 0.5) return trials - drawLower(random, trials, 1 - chance);
  return drawLower(random, trials, chance);
}

function drawLower(random: Xoshiro128, trials: number, chance: number): number {
  if (trials * chance < INVERSION_MEAN_MAX) return byInversion(random, trials, chance);
  return byRejection(random, trials, chance);
}

/** Walks up the distribution until the uniform number is used up. */
function byInversion(random: Xoshiro128, trials: number, chance: number): number {
  const odds = chance / (1 - chance);
  let mass = Math.exp(trials * Math.log1p(-chance));
  let left = random.nextUnit();
  for (let count = 0; count < trials; count++) {
    left -= mass;
    if (left < 0) return count;
    mass *= (odds * (trials - count)) / (count + 1);
    // Rounding can leave a crumb that no mass is left for.
    if (mass < Number.MIN_VALUE && count > trials * chance) return count;
  }
  return trials;
}

function byRejection(random: Xoshiro128, trials: number, chance: number): number {
  const deviation = Math.sqrt(trials * chance * (1 - chance));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * chance;
  const centre = trials * chance + 0.5;
  const squeeze = 0.92 - 4.2 / b;
  for (;;) {
    const u = random.nextUnit() - 0.5;
    const v = random.nextUnit();
    const edge = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / edge + b) * u + centre);
    if (edge >= 0.07 && v <= squeeze) return count;
    if (count < 0 || count > trials) continue;
    const alpha = (2.83 + 5.1 / b) * deviation;
    const height = Math.log((v * alpha) / (a / (edge * edge) + b));
    if (height <= logRatioToMode(trials, chance, count)) return count;
  }
}

/** ln P[count] − ln P[mode]. */
function logRatioToMode(trials: number, chance: number, count: number): number {
  const mode = Math.floor((trials + 1) * chance);
  return (
    logFactorial(mode) +
    logFactorial(trials - mode) -
    logFactorial(count) -
    logFactorial(trials - count) +
    (count - mode) * Math.log(chance / (1 - chance))
  );
}
