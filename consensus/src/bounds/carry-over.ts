// From polls to certificates: how likely a block that one honest member finalised by polls is lost
// when a certificate epoch starts from the votes of n − f members (Frosty, arXiv 2404.14250).
//
// The epoch starts on the highest block that more than half of s >= n − f votes stand for. Of honest
// members x* at least prefer what was finalised; f liars and the honest rest take the other side, so
// x* − f of n − f votes stand for it, which is more than half when x* > (n + f) / 2. So the bound is
// that of polls, with thresholds x* of at least that.

import {
  BOUND_TARGET,
  expectedRun,
  LIVE_ROUNDS_MAX,
  type PollParameters,
} from './parameters-for.ts';
import { confidentPoll, earlyFinality, type SampledPoll, supportLoss } from './safety-bound.ts';

const BETAS = [1, 5, 10, 15, 20, 25, 30, 40, 60];
const SAMPLE_MIN = 3;

/** Honest members that must prefer a block so that n − f starting votes keep it. */
export function carriedSupport(n: number, faulty: number): number {
  return Math.floor((n + faulty) / 2) + 1;
}

/**
 * Upper bound, per round, on P[two honest members finalise differently], the change to a certificate
 * epoch included: `safetyBound` over thresholds that the change keeps. 1 says nothing.
 */
export function carryOverBound(poll: SampledPoll): number {
  const honest = poll.n - poll.faulty;
  let least = 1;
  for (let threshold = carriedSupport(poll.n, poll.faulty); threshold <= honest; threshold++) {
    const early = earlyFinality(poll, threshold);
    least = Math.min(least, early + supportLoss(poll, threshold));
    // The first term grows with the threshold.
    if (early >= least) break;
  }
  return least;
}

/**
 * The smallest k, with alphaPreference = ⌊k/2⌋ + 1, whose `carryOverBound` is at most `target` and
 * which is live with the corrupt peers silent; of several for that k the one that is expected to
 * finalise first. Undefined when there is none.
 * @throws {RangeError} when n or f is out of range
 */
export function carriedParametersFor(
  n: number,
  faulty: number,
  target: number = BOUND_TARGET,
): PollParameters | undefined {
  for (let k = Math.min(SAMPLE_MIN, n); k <= n; k++) {
    const found = withSample({ n, faulty, k, alphaPreference: Math.floor(k / 2) + 1 }, target);
    if (found !== undefined) return found;
  }
  return undefined;
}

function withSample(
  sizes: Pick<SampledPoll, 'n' | 'faulty' | 'k' | 'alphaPreference'>,
  target: number,
): PollParameters | undefined {
  const base = { ...sizes, alphaConfidence: sizes.k, beta: 1 };
  let threshold = carriedSupport(sizes.n, sizes.faulty);
  while (threshold <= sizes.n - sizes.faulty && supportLoss(base, threshold) > target) threshold++;
  if (threshold > sizes.n - sizes.faulty) return undefined;
  let best: PollParameters | undefined;
  for (
    let { k: alphaConfidence } = sizes;
    alphaConfidence >= sizes.alphaPreference;
    alphaConfidence--
  ) {
    const chance = confidentPoll({ ...base, alphaConfidence });
    for (const beta of BETAS) {
      const expectedRounds = expectedRun(chance, beta);
      if (!(expectedRounds <= LIVE_ROUNDS_MAX)) break;
      if (expectedRounds >= (best?.expectedRounds ?? Number.POSITIVE_INFINITY)) continue;
      const poll = { ...base, alphaConfidence, beta };
      if (earlyFinality(poll, threshold) > target) continue;
      const boundPerRound = carryOverBound(poll);
      if (boundPerRound <= target) best = { ...poll, boundPerRound, expectedRounds };
    }
  }
  return best;
}
