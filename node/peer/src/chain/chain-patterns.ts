// Patterns as this site sees them: those in the chain and those that wait for it.

import {
  type ChainState,
  certifiedBound,
  type PatternRecord,
  type PatternStage,
  stageOf,
} from '@starling/consensus';
import type { Digest, EntryAttestation, MemberId, Pattern } from '@starling/shared';
import type { ChainPool } from './chain-pool.ts';
import { patternEntry } from './pool-entries.ts';

export interface ChainPattern {
  readonly id: Digest;
  readonly author: MemberId;
  readonly stage: PatternStage;
  readonly pattern: Pattern;
  /** Certified lower bound of recall; null until it is in a block. */
  readonly boundMicros: number | null;
  /** Height of the block that holds it; null before. */
  readonly height: number | null;
  readonly parents: readonly Digest[];
  readonly supersedes: readonly Digest[];
  readonly supersededBy: Digest | null;
  readonly verdicts: PatternRecord['verdicts'];
  /** As far as this site holds them: those of patterns in the chain are in their block. */
  readonly attestations: readonly EntryAttestation[];
}

/** In the chain first, by height; then what waits. */
export function chainPatterns(
  pool: ChainPool,
  decided: ChainState,
  tip: ChainState,
): ChainPattern[] {
  const standing = [...decided.patterns.values()].map(({ record }) => decidedPattern(record));
  const waiting = [...pool.proposals.values()]
    .filter(({ id }) => !decided.patterns.has(id))
    .map((pooled): ChainPattern => {
      const { attestations } = patternEntry(pooled, decided);
      const { id, proposal } = pooled;
      const stage = stageOf(id, { attestations, proposal }, { decided, tip });
      const isIncluded = stage === 'included';
      return {
        id,
        author: proposal.author,
        stage,
        pattern: proposal.pattern,
        boundMicros: isIncluded ? certifiedBound(attestations) : null,
        height: null,
        parents: proposal.parents,
        supersedes: proposal.supersedes,
        supersededBy: null,
        verdicts: countOf(attestations),
        attestations,
      };
    });
  return [...standing.sort((a, b) => (a.height ?? 0) - (b.height ?? 0)), ...waiting];
}

function decidedPattern(record: PatternRecord): ChainPattern {
  const { author, boundMicros, height, id, parents, pattern } = record;
  const { supersededBy, supersedes, verdicts } = record;
  const stage = supersededBy === null ? 'final' : 'superseded';
  const place = { boundMicros, height, parents, supersededBy, supersedes, verdicts };
  return { id, author, stage, pattern, ...place, attestations: [] };
}

function countOf(attestations: readonly EntryAttestation[]): PatternRecord['verdicts'] {
  const count = (verdict: string) =>
    attestations.filter((attestation) => attestation.verdict === verdict).length;
  return { abstains: count('abstain'), accepts: count('accept'), rejects: count('reject') };
}
