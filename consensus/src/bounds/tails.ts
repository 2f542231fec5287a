// Upper tails of the hypergeometric and the binomial distribution. Sums of positive terms, so small
// probabilities keep their leading digits; the first term comes from logarithms.

import { logChoose } from './log-factorial.ts';

/** A term this much smaller than the sum so far ends it, once terms fall. */
const NEGLIGIBLE = 2 ** -60;

/**
 * P[at least `atLeast` of `draws` balls are red], drawn without replacement from `population` balls
 * of which `red` are red.
 */
export function hypergeometricTail(
  population: number,
  red: number,
  draws: number,
  atLeast: number,
): number {
  const other = population - red;
  const from = Math.max(atLeast, draws - other, 0);
  const to = Math.min(draws, red);
  if (from > to) return 0;
  if (atLeast <= Math.max(0, draws - other)) return 1;
  const logFirst =
    logChoose(red, from) + logChoose(other, draws - from) - logChoose(population, draws);
  let ratio = 1;
  let sum = 1;
  for (let i = from; i < to; i++) {
    ratio *= ((red - i) * (draws - i)) / ((i + 1) * (other - draws + i + 1));
    sum += ratio;
    if (ratio < sum * NEGLIGIBLE) break;
  }
  return Math.min(1, Math.exp(logFirst + Math.log(sum)));
}

/** P[at least `atLeast` of `trials` independent trials succeed], each with probability `chance`. */
export function binomialTail(trials: number, chance: number, atLeast: number): number {
  if (atLeast <= 0) return 1;
  if (atLeast > trials || chance <= 0) return 0;
  if (chance >= 1) return 1;
  const odds = chance / (1 - chance);
  let ratio = 1;
  let sum = 1;
  for (let i = atLeast; i < trials; i++) {
    ratio *= ((trials - i) / (i + 1)) * odds;
    sum += ratio;
    if (ratio < sum * NEGLIGIBLE) break;
  }
  return Math.min(1, Math.exp(logBinomial(trials, chance, atLeast) + Math.log(sum)));
}

/** ln P[exactly `count` of `trials` succeed]. */
export function logBinomial(trials: number, chance: number, count: number): number {
  if (chance <= 0) return count === 0 ? 0 : Number.NEGATIVE_INFINITY;
  if (chance >= 1) return count === trials ? 0 : Number.NEGATIVE_INFINITY;
  return (
    logChoose(trials, count) + count * Math.log(chance) + (trials - count) * Math.log1p(-chance)
  );
}
