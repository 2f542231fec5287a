// Every signature that a block carries inside. They are verified before, and not here: whoever calls
// answers for each whether it holds.

import {
  type CborValue,
  type ChainBlock,
  type ChainEntry,
  encodeCanonical,
  type MemberId,
  type ModelEntry,
  type PatternEntry,
  type SettingEntry,
} from '@starling/shared';
import type { DigestOf } from './membership.ts';

/** `member` signed the statement of this type with this body. */
export interface SignedClaim {
  readonly body: Uint8Array;
  readonly member: MemberId;
  readonly signature: Uint8Array;
  readonly type:
    | 'chain-vote'
    | 'model-vote'
    | 'pattern-attestation'
    | 'pattern-proposal'
    | 'setting-approval'
    | 'setting-proposal';
}

/** The claims of all entries, in their order. A roster's signatures are `openRoster`'s to check. */
export function claimsOf(
  { entries }: Pick<ChainBlock, 'entries'>,
  digestOf: DigestOf,
): readonly SignedClaim[] {
  return entries.flatMap((entry) => claimsOfEntry(entry, digestOf));
}

export function claimsOfEntry(entry: ChainEntry, digestOf: DigestOf): readonly SignedClaim[] {
  if (entry.kind === 'pattern') return patternClaims(entry, digestOf);
  if (entry.kind === 'model') return modelClaims(entry);
  if (entry.kind === 'setting') return settingClaims(entry, digestOf);
  return [];
}

function patternClaims(
  { attestations, proposal, signature }: PatternEntry,
  digestOf: DigestOf,
): readonly SignedClaim[] {
  const body = encodeCanonical(proposal as CborValue);
  const { collection } = proposal.pattern;
  const id = digestOf(body);
  const attested = attestations.map(({ member, signature, ...measured }): SignedClaim => {
    const said = encodeCanonical({ ...measured, collection, proposal: id });
    return { body: said, member, signature, type: 'pattern-attestation' };
  });
  return [{ body, member: proposal.author, signature, type: 'pattern-proposal' }, ...attested];
}

function modelClaims({ certificate }: ModelEntry): readonly SignedClaim[] {
  const { body, signatures } = certificate;
  return signatures.map(({ member, signature }) => {
    return { body, member, signature, type: 'model-vote' };
  });
}

function settingClaims(
  { approvals, proposal, signature }: SettingEntry,
  digestOf: DigestOf,
): readonly SignedClaim[] {
  const body = encodeCanonical(proposal);
  const said = encodeCanonical({ collection: proposal.collection, proposal: digestOf(body) });
  const approved = approvals.map(({ member, signature }): SignedClaim => {
    return { body: said, member, signature, type: 'setting-approval' };
  });
  return [{ body, member: proposal.author, signature, type: 'setting-proposal' }, ...approved];
}
