// What this site proposed lately, so that every learning does not propose the same again.

import { squaredDistance } from '@starling/learning';
import type { ChainRules } from '@starling/shared';
import type { PatternCandidate } from './pattern-learner.ts';
import { fromWire } from './wire-pattern.ts';

/** After this long a proposal that did not become final may be made again. */
export const PROPOSED_AGAIN_MS = 3_600_000;
export const PROPOSED_MAX = 256;

interface Proposed {
  readonly centroid: Int8Array;
  readonly expectedRecallMicros: number;
  readonly untilMs: number;
}

export class ProposedBefore {
  #proposed: readonly Proposed[] = [];

  /** Those that are new, or better by the margin than what lies near; they count as proposed. */
  fresh(
    candidates: readonly PatternCandidate[],
    { conflictRadius, marginMicros }: ChainRules,
    nowMs: number,
  ): PatternCandidate[] {
    const standing = this.#proposed.filter(({ untilMs }) => untilMs > nowMs);
    const fresh = candidates.filter(({ pattern }) => {
      const { centroid, expectedRecallMicros } = fromWire(pattern);
      return standing
        .filter((one) => squaredDistance(one.centroid, centroid) <= conflictRadius)
        .every((one) => expectedRecallMicros >= one.expectedRecallMicros + marginMicros);
    });
    const untilMs = nowMs + PROPOSED_AGAIN_MS;
    const added = fresh.map(({ pattern }) => ({ ...fromWire(pattern), untilMs }));
    this.#proposed = [...standing, ...added].slice(-PROPOSED_MAX);
    return fresh;
  }
}
