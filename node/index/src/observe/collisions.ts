// How concentrated draws are: the probability that two of them are equal, the index of coincidence
// (Friedman 1922). Unlike the share of the most drawn values it has an estimate without bias when
// there are fewer draws than values.

import { DEVIATIONS_95 } from './confidence-interval.ts';

export interface Collisions<T = unknown> {
  /** Draws. */
  readonly count: number;
  /** Estimated probability that two draws are equal. */
  readonly probability: number;
  /** Its lower 95 % confidence bound. */
  readonly lower: number;
  /** Values with the number of their draws, most drawn first. */
  readonly hottest: readonly (readonly [value: T, draws: number])[];
}

/** Estimates from draws how likely two are equal; O(draws). */
export function countCollisions<T>(draws: Iterable<T>): Collisions<T> {
  const counts = new Map<T, number>();
  let count = 0;
  for (const value of draws) {
    counts.set(value, (counts.get(value) ?? 0) + 1);
    count++;
  }
  const hottest = [...counts].sort((a, b) => b[1] - a[1]);
  if (count < 2) return { count, probability: 0, lower: 0, hottest };
  let [probability, cubes] = [0, 0];
  for (const [, draws] of hottest) {
    probability += (draws * (draws - 1)) / (count * (count - 1));
    cubes += (draws / count) ** 3;
  }
  const ofValues = (4 * Math.max(0, cubes - probability ** 2)) / count;
  const ofPairs = (2 * probability * (1 - probability)) / count ** 2;
  const lower = Math.max(0, probability - DEVIATIONS_95 * Math.sqrt(ofValues + ofPairs));
  return { count, probability, lower, hottest };
}
