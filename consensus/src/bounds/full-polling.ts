// Polls of everybody (k = n) in lock-step rounds: safety by counting instead of by chance.

import type { SampledPoll } from './safety-bound.ts';

/**
 * Whether no two honest peers ever finalise differently when every poll asks all n peers, whatever
 * f corrupt peers answer to whom: iff 2·alphaConfidence > n + f and
 * alphaPreference > n − alphaConfidence + f. Only lock-step rounds are covered: with delays a poll
 * mixes old preferences with new ones, and nothing but a once-only signed vote is safe.
 */
export function isFullPollSafe(poll: Omit<SampledPoll, 'k' | 'beta'>): boolean {
  const { alphaConfidence, alphaPreference, faulty, n } = poll;
  return 2 * alphaConfidence > n + faulty && alphaPreference > n - alphaConfidence + faulty;
}

export interface FullPoll {
  readonly faulty: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
}

/** The thresholds that tolerate f = ⌊n / 4⌋, safe and not blocked when the f are silent. */
export function fullPollFor(n: number): FullPoll {
  const faulty = Math.floor(n / 4);
  return {
    faulty,
    alphaPreference: Math.floor(n / 2) + 1,
    alphaConfidence: Math.ceil(n / 2) + faulty,
  };
}
