// How likely sampled polls of Snowflake+ finalise two colours, at most: lock-step rounds, every peer
// may be polled (oneself too), corrupt peers answer each query as they like, any initial split.
//
// Let c = n − f be honest and x* > c/2 a threshold. While fewer than x* honest peers prefer A, a run
// of β confident polls for A costs q(x* − 1)^β. Once x* prefer A, fewer do after a round with
// probability P[Bin(x*, 1 − r) + Bin(c − x*, s) < x*]. Both colours finalise only after one of these.

import { exceeds } from './binomial-race.ts';
import { hypergeometricTail } from './tails.ts';

/** Peers, corrupt ones among them, and how they poll, in the words of Snowflake+. */
export interface SampledPoll {
  readonly n: number;
  /** Corrupt peers f. */
  readonly faulty: number;
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
}

export interface SafetyBound {
  /** Upper bound on P[two honest peers finalise differently] per round; 1 says nothing. */
  readonly perRound: number;
  /** The x* that gives it. */
  readonly threshold: number;
}

/**
 * The bound 2c·q(x* − 1)^β + 2·P[Bin(x*, 1 − r) + Bin(c − x*, s) < x*], least over x*; the second
 * term is largest at x = x* because more honest support never makes the next round's smaller.
 * @throws {RangeError} that names the violated inequality
 */
export function safetyBound(poll: SampledPoll): SafetyBound {
  assertPoll(poll);
  const honest = poll.n - poll.faulty;
  const lowest = Math.floor(honest / 2) + 1;
  let best: SafetyBound = { perRound: 1, threshold: lowest };
  const visit = (threshold: number): boolean => {
    const early = earlyFinality(poll, threshold);
    const lost = supportLoss(poll, threshold);
    const perRound = early + lost;
    if (perRound < best.perRound) best = { perRound, threshold };
    return early <= best.perRound && lost <= best.perRound;
  };
  // The first term grows with x*, the second shrinks: the least sum stands beside their crossing.
  let low = lowest;
  let high = honest;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (earlyFinality(poll, middle) < supportLoss(poll, middle)) low = middle + 1;
    else high = middle;
  }
  for (let threshold = low; threshold <= honest && visit(threshold); threshold++);
  for (let threshold = low - 1; threshold >= lowest && visit(threshold); threshold--);
  return best;
}

/** Over `rounds` rounds: at most the sum of the rounds, and at most 1. */
export function safetyBoundOver(poll: SampledPoll, rounds: number): number {
  return Math.min(1, safetyBound(poll).perRound * rounds);
}

/** P that one poll of a live network is confident when the corrupt peers say nothing. */
export function confidentPoll({ alphaConfidence, faulty, k, n }: SampledPoll): number {
  return hypergeometricTail(n, n - faulty, k, alphaConfidence);
}

/** 2c·q(x* − 1)^β, the first term of the bound. */
export function earlyFinality(poll: SampledPoll, threshold: number): number {
  const { alphaConfidence, beta, faulty, k, n } = poll;
  const confident = hypergeometricTail(n, threshold - 1 + faulty, k, alphaConfidence);
  return 2 * (n - faulty) * confident ** beta;
}

/** 2·P[fewer than x* prefer A after a round] when x* = `support` do now. */
export function supportLoss(
  { alphaPreference, faulty, k, n }: SampledPoll,
  support: number,
): number {
  const others = n - faulty - support;
  const lose = hypergeometricTail(n, others + faulty, k, alphaPreference);
  const gain = hypergeometricTail(n, support, k, alphaPreference);
  return (
    2 * Math.min(1, exceeds({ trials: support, chance: lose }, { trials: others, chance: gain }))
  );
}

function assertPoll({ alphaConfidence, alphaPreference, beta, faulty, k, n }: SampledPoll): void {
  const rules: readonly (readonly [boolean, string])[] = [
    [Number.isSafeInteger(n) && n >= 1, `n >= 1, but n = ${n}`],
    [Number.isSafeInteger(faulty) && faulty >= 0 && faulty < n, `0 <= f < n, but f = ${faulty}`],
    [Number.isSafeInteger(k) && k >= 1 && k <= n, `1 <= k <= n, but k = ${k}, n = ${n}`],
    [2 * alphaPreference > k, `k/2 < alphaPreference, but ${k}/2 >= ${alphaPreference}`],
    [
      alphaPreference <= alphaConfidence,
      `alphaPreference <= alphaConfidence, but ${alphaPreference} > ${alphaConfidence}`,
    ],
    [alphaConfidence <= k, `alphaConfidence <= k, but ${alphaConfidence} > ${k}`],
    [Number.isSafeInteger(beta) && beta >= 1, `beta >= 1, but beta = ${beta}`],
  ];
  const broken = rules.find(([holds]) => !holds);
  if (broken !== undefined) throw new RangeError(broken[1]);
}
