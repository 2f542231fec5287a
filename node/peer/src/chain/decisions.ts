// A run of decided blocks as decisions: where the epoch ended, what follows only helped to decide it.

import { ofOneEpoch, type ReadBlock } from '@starling/rules';
import type { ChainCertificate } from '@starling/shared';
import type { PolledFinality, PollSummary } from './chain-status.ts';
import type { Decision } from './decided-chain.ts';

export interface DecisionTerms {
  readonly decidedAtMs: number;
  readonly undecidedMs: number | null;
  readonly poll: PollSummary | null;
  /** The polls that made it final; null where a certificate did. */
  readonly polled: PolledFinality | null;
}

/** Decisions of consecutive blocks whose last one this certificate, if any, finalises; oldest first. */
export function decisionsOf(
  blocks: readonly ReadBlock[],
  certificate: ChainCertificate | null,
  terms: DecisionTerms,
): readonly Decision[] {
  const own = ofOneEpoch(blocks);
  const trailing = blocks.slice(own.length).map(({ body }) => body);
  return own.map((read, i) => {
    const isLast = i === own.length - 1;
    const of = { ...terms, poll: isLast ? terms.poll : null };
    return isLast
      ? { ...of, read, certificate, trailing }
      : { ...of, read, certificate: null, trailing: [] };
  });
}
