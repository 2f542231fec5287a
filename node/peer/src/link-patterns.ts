// The chain and the site's patterns: what becomes final guides searches, what was learned is proposed.

import { finalPatterns } from '@starling/consensus';
import type { Cancel, Logger } from '@starling/shared';
import type { SiteChain } from './chain/site-chain.ts';
import type { SitePatterns } from './patterns/site-patterns.ts';

export function linkPatterns(chain: SiteChain, patterns: SitePatterns, logger: Logger): Cancel {
  const cancels = [
    chain.onDecided(() => {
      const { state } = chain;
      if (state === undefined) return;
      const final = finalPatterns(state).toSorted((a, b) => a.height - b.height);
      patterns.setFinal(final);
    }),
    patterns.onCandidates((candidates) => {
      for (const { pattern, supersedes } of candidates) {
        chain.proposePattern(pattern, { supersedes }).catch((error: unknown) => {
          const detail = error instanceof Error ? error.message : String(error);
          logger.warn('a learned pattern was not proposed', { detail });
        });
      }
    }),
  ];
  return () => {
    for (const cancel of cancels) cancel();
  };
}
