// From a number of peers to the smallest poll that is safe and live: what the table of the room's
// README is computed with.

import {
  confidentPoll,
  earlyFinality,
  type SampledPoll,
  safetyBound,
  supportLoss,
} from './safety-bound.ts';

/** Bound per round that the table asks for. */
export const BOUND_TARGET = 1e-15;
/** Live: with the corrupt peers silent, β confident polls in a row are expected in so many rounds. */
export const LIVE_ROUNDS_MAX = 60;

const BETAS = [1, 5, 10, 15, 20, 25, 30];
const SAMPLE_MIN = 3;

/** Parameters of a poll with what they promise. */
export interface PollParameters extends SampledPoll {
  readonly boundPerRound: number;
  /** Expected rounds to finality of a decided network in which the corrupt peers are silent. */
  readonly expectedRounds: number;
}

/**
 * The smallest k, with alphaPreference = ⌊k/2⌋ + 1, whose bound per round is at most `target` and
 * which is live; of several for that k the one that is expected to finalise first. Undefined when
 * there is none, as for f near n/3.
 * @throws {RangeError} when n or f is out of range
 */
export function parametersFor(
  n: number,
  faulty: number,
  target: number = BOUND_TARGET,
): PollParameters | undefined {
  for (let k = Math.min(SAMPLE_MIN, n); k <= n; k++) {
    const found = withSample(n, faulty, k, target);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Rounds until a poll that succeeds with `chance` succeeded `beta` times in a row, expected:
 * (1 − p^β) / (p^β·(1 − p)).
 */
export function expectedRun(chance: number, beta: number): number {
  if (chance >= 1) return beta;
  const all = chance ** beta;
  return (1 - all) / (all * (1 - chance));
}

function withSample(
  n: number,
  faulty: number,
  k: number,
  target: number,
): PollParameters | undefined {
  const alphaPreference = Math.floor(k / 2) + 1;
  const base = { n, faulty, k, alphaPreference, alphaConfidence: k, beta: 1 };
  const threshold = leastStable(base, target);
  if (threshold === undefined) return undefined;
  let best: PollParameters | undefined;
  for (let alphaConfidence = k; alphaConfidence >= alphaPreference; alphaConfidence--) {
    const chance = confidentPoll({ ...base, alphaConfidence });
    for (const beta of BETAS) {
      const expectedRounds = expectedRun(chance, beta);
      if (!(expectedRounds <= Math.min(LIVE_ROUNDS_MAX, best?.expectedRounds ?? Infinity))) break;
      if (best !== undefined && expectedRounds >= best.expectedRounds) continue;
      const poll = { ...base, alphaConfidence, beta };
      // Cheap and necessary, as the first term of the bound grows with its threshold.
      if (earlyFinality(poll, threshold) > target) continue;
      const boundPerRound = safetyBound(poll).perRound;
      if (boundPerRound <= target) best = { ...poll, boundPerRound, expectedRounds };
    }
  }
  return best;
}

/** The least support that a round loses with probability at most `target`. */
function leastStable(poll: SampledPoll, target: number): number | undefined {
  const honest = poll.n - poll.faulty;
  let low = Math.floor(honest / 2) + 1;
  let high = honest + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (supportLoss(poll, middle) <= target) high = middle;
    else low = middle + 1;
  }
  return low <= honest ? low : undefined;
}
