// What waits in the pool, and the entry that a block on a given state would hold of it.

import { attestationObjection, type ChainState } from '@starling/consensus';
import type {
  Digest,
  EntryAttestation,
  MemberId,
  ModelEntry,
  PatternEntry,
  PatternProposal,
  SettingEntry,
  SettingProposal,
} from '@starling/shared';

export interface PooledProposal {
  readonly id: Digest;
  readonly proposal: PatternProposal;
  readonly signature: Uint8Array;
  /** By member: what each said first. */
  readonly attestations: Map<MemberId, EntryAttestation>;
}

export interface PooledSetting {
  readonly id: Digest;
  readonly proposal: SettingProposal;
  readonly signature: Uint8Array;
  readonly approvals: Map<MemberId, Uint8Array>;
}

export interface PooledModel {
  readonly entry: Omit<ModelEntry, 'membership'>;
  /** Who could vote, in ascending order: the members of this epoch, or of the one before. */
  readonly voters: readonly MemberId[];
}

/** With the attestations that count: those of members, which measured what their verdict says. */
export function patternEntry(
  { attestations, proposal, signature }: PooledProposal,
  { membership, rules }: ChainState,
): PatternEntry {
  const sorted = [...attestations.values()]
    .filter(({ member }) => membership.places.has(member))
    .filter((each) => attestationObjection(each, proposal.pattern, rules) === undefined)
    .sort((a, b) => (a.member < b.member ? -1 : 1));
  return { attestations: sorted, kind: 'pattern', proposal, signature };
}

/** The members whose votes certified it are named by their digest; none when they left long ago. */
export function modelEntry(
  { entry, voters }: PooledModel,
  { membership, previous }: ChainState,
): readonly ModelEntry[] {
  const named = voters.join();
  const decided = [membership, previous].find(
    (each) => each?.members.map(({ member }) => member).join() === named,
  );
  return decided === undefined ? [] : [{ ...entry, membership: decided.digest }];
}

export function settingEntry(
  { approvals, proposal, signature }: PooledSetting,
  { membership }: ChainState,
): SettingEntry {
  const sorted = [...approvals]
    .filter(([member]) => membership.places.has(member))
    .map(([member, approval]) => ({ member, signature: approval }))
    .sort((a, b) => (a.member < b.member ? -1 : 1));
  return { approvals: sorted, kind: 'setting', proposal, signature };
}
