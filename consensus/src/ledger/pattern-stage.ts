// How far a pattern has come: proposed → attested → included → final → superseded, or expired.

import type { Digest, PatternEntry } from '@starling/shared';
import { eligibilityObjection } from './attestations.ts';
import type { ChainState } from './chain-state.ts';
import { lapseObjection } from './include-pattern.ts';

/** `included`: in a block that is not decided yet; it may be used provisionally, and may vanish. */
export type PatternStage =
  | 'proposed'
  | 'attested'
  | 'included'
  | 'final'
  | 'superseded'
  | 'expired';

/**
 * The stage of a pattern.
 * @param decided the state behind the last decided block
 * @param tip the state behind the newest notarised one; `decided` when there is none
 */
export function stageOf(
  id: Digest,
  { attestations, proposal }: Pick<PatternEntry, 'attestations' | 'proposal'>,
  { decided, tip = decided }: { readonly decided: ChainState; readonly tip?: ChainState },
): PatternStage {
  const standing = decided.patterns.get(id)?.record;
  if (standing !== undefined) return standing.supersededBy === null ? 'final' : 'superseded';
  if (tip.patterns.has(id)) return 'included';
  const lapse = lapseObjection(proposal.height, decided.tip.height + 1, decided.rules);
  if (lapse?.reason === 'expired') return 'expired';
  const lacking = eligibilityObjection(attestations, decided.membership);
  return lacking === undefined ? 'attested' : 'proposed';
}
