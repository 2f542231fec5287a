// Which of two independent binomial counts is larger. Only where both distributions have weight is
// anything summed, so a million trials cost little more than a thousand.

import { binomialTail, logBinomial } from './tails.ts';

export interface Trials {
  readonly trials: number;
  readonly chance: number;
}

/** Terms by so much smaller than the largest, in logarithms, do not change the sum. */
const NEGLIGIBLE_LOG = 50;
/** Below, everything is 0 in a double. */
const UNDERFLOW_LOG = -700;

/** P[more of `many` succeed than of `few`] = Σ over g of P[g of few]·P[more than g of many]. */
export function exceeds(many: Trials, few: Trials): number {
  if (few.trials === 0 || few.chance <= 0) return binomialTail(many.trials, many.chance, 1);
  if (few.chance >= 1) return binomialTail(many.trials, many.chance, few.trials + 1);
  if (many.chance <= 0) return 0;
  if (many.chance >= 1) return 1 - binomialTail(few.trials, few.chance, many.trials);
  const last = Math.min(few.trials, many.trials - 1);
  const mode = Math.floor((many.trials + 1) * many.chance);
  const logMode = logBinomial(many.trials, many.chance, mode);
  // Log-concave as both factors are, and near the terms of the sum.
  const logTerm = (count: number): number => {
    const tail = logBinomial(many.trials, many.chance, count + 1) - logMode;
    return logBinomial(few.trials, few.chance, count) + (count < mode ? 0 : tail);
  };
  const peak = firstWhere(
    0,
    last,
    (count) => count === last || logTerm(count + 1) <= logTerm(count),
  );
  const floor = logTerm(peak) - NEGLIGIBLE_LOG;
  if (floor + NEGLIGIBLE_LOG + logMode < UNDERFLOW_LOG) return 0;
  const from = firstWhere(0, peak, (count) => logTerm(count) >= floor);
  const to = firstWhere(peak, last, (count) => count === last || logTerm(count + 1) < floor);
  return sumDown(many, few, from, to);
}

/** The terms from `to` down to `from`: the tail grows by one addition each, nothing cancels. */
function sumDown(many: Trials, few: Trials, from: number, to: number): number {
  let tail = binomialTail(many.trials, many.chance, to + 1);
  let mass = Math.exp(logBinomial(many.trials, many.chance, to));
  let fewMass = Math.exp(logBinomial(few.trials, few.chance, to));
  const odds = (1 - many.chance) / many.chance;
  const fewOdds = (1 - few.chance) / few.chance;
  let sum = 0;
  for (let count = to; count >= from; count--) {
    sum += fewMass * tail;
    tail += mass;
    mass *= (count / (many.trials - count + 1)) * odds;
    fewMass *= (count / (few.trials - count + 1)) * fewOdds;
  }
  return sum;
}

/** The least whole number of [low, high] for which a monotone condition holds, else `high`. */
function firstWhere(low: number, high: number, holds: (value: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
