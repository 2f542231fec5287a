// Which entries a state takes: one rule for the leader that selects, the members that judge and
// whoever replays.

import { type ChainEntry, type Checked, checked, type Refusal, refused } from '@starling/shared';
import { type ChainState, MODELS_KEPT } from './chain-state.ts';
import { claimsOfEntry, type SignedClaim } from './claims.ts';
import { includeMembership } from './include-membership.ts';
import { includeModel } from './include-model.ts';
import { includePattern } from './include-pattern.ts';
import { includeSetting } from './include-setting.ts';
import type { DigestOf, OpenedRoster } from './membership.ts';
import type { StateChange, StateDraft } from './state-change.ts';

/** What the ledger must be told; every member answers alike, whatever its clock says. */
export interface BlockRules {
  readonly digestOf: DigestOf;
  /** True when the signature was verified: an unverified one does not hold. */
  readonly isSigned: (claim: SignedClaim) => boolean;
  /** Opens a signed roster: enough administrators signed it. Its dates are not looked at. */
  readonly openRoster: (bytes: Uint8Array) => Checked<OpenedRoster>;
}

/** Why the next block may not hold this entry; undefined when it may. */
export function inclusionObjection(
  entry: ChainEntry,
  state: ChainState,
  rules: BlockRules,
): Refusal | undefined {
  const change = changeBy(entry, state, rules);
  return change.ok ? undefined : change.refusal;
}

/** Puts an entry into a draft; the refusal leaves it as it was. */
export function include(
  entry: ChainEntry,
  draft: StateDraft,
  rules: BlockRules,
): Refusal | undefined {
  const change = changeBy(entry, draft.state, rules);
  if (!change.ok) return change.refusal;
  draft.take(change.value);
  draft.keepModels(MODELS_KEPT);
  return undefined;
}

function changeBy(entry: ChainEntry, state: ChainState, rules: BlockRules): Checked<StateChange> {
  if (state.next !== undefined) return refused('not-permitted', 'the epoch has ended');
  if (entry.kind === 'membership') return includeMembership(entry, state, rules);
  if (entry.kind === 'model') return includeModel(entry, state, rules);
  const change =
    entry.kind === 'pattern'
      ? includePattern(entry, state, rules.digestOf)
      : includeSetting(entry, state, rules.digestOf);
  if (!change.ok) return change;
  const forged = claimsOfEntry(entry, rules.digestOf).find((claim) => !rules.isSigned(claim));
  if (forged === undefined) return checked(change.value);
  return refused('bad-signature', `${forged.type} of ${forged.member}`);
}
