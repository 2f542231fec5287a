// Consecutive blocks of one epoch and the certificate that finalises the last of them: proof of all
// of them for whoever knows the epoch's members.

import {
  type CborValue,
  type ChainBlock,
  type ChainCertificate,
  encodeCanonical,
  type Refusal,
  refusal,
} from '@starling/shared';
import type { SignedClaim } from './claims.ts';
import { type DigestOf, type Membership, weightAt } from './membership.ts';

/** An epoch of a chain, and who decides it. */
export interface EpochMembers {
  readonly collection: string;
  readonly epoch: number;
  readonly membership: Membership;
}

export interface DecidedRun {
  /** Oldest first, at least one. */
  readonly blocks: readonly ChainBlock[];
  readonly certificate: ChainCertificate;
}

export interface RunRules {
  readonly digestOf: DigestOf;
  readonly isSigned: (claim: SignedClaim) => boolean;
}

/** Every signature of a certificate; whose place is no member's has no claim. */
export function claimsOfCertificate(
  { proofs, vote }: ChainCertificate,
  { members }: Membership,
): readonly SignedClaim[] {
  const body = encodeCanonical(vote);
  return proofs.flatMap(({ signature, voter }) => {
    const member = members[voter]?.member;
    return member === undefined ? [] : [{ body, member, signature, type: 'chain-vote' as const }];
  });
}

/** Why a certificate does not count: its epoch, its voters, their weight, their signatures. */
export function voteCertificateObjection(
  certificate: ChainCertificate,
  { collection, epoch, membership }: EpochMembers,
  { isSigned }: Pick<RunRules, 'isSigned'>,
): Refusal | undefined {
  const { proofs, vote } = certificate;
  if (vote.collection !== collection) return refusal('wrong-shape', `votes in ${vote.collection}`);
  if (vote.epoch < epoch) return refusal('stale-epoch', `votes of epoch ${vote.epoch}`);
  if (vote.epoch > epoch) return refusal('future-epoch', `votes of epoch ${vote.epoch}`);
  let previous = -1;
  for (const { voter } of proofs) {
    if (voter <= previous) return refusal('wrong-shape', `voter ${voter} is out of order`);
    if (voter >= membership.members.length) return refusal('unknown-sender', `voter ${voter}`);
    previous = voter;
  }
  const weight = weightAt(
    membership,
    proofs.map(({ voter }) => voter),
  );
  if (weight < membership.weight.quorum) {
    return refusal('too-few', `a weight of ${weight}, a quorum is ${membership.weight.quorum}`);
  }
  const forged = claimsOfCertificate(certificate, membership).find((claim) => !isSigned(claim));
  if (forged === undefined) return undefined;
  return refusal('bad-signature', `the vote of ${forged.member}`);
}

/** Why a run proves nothing. What its blocks hold is not looked at. */
export function finalRunObjection(
  { blocks, certificate }: DecidedRun,
  of: EpochMembers,
  rules: RunRules,
): Refusal | undefined {
  let parent: { readonly id: string; readonly block: ChainBlock } | undefined;
  for (const block of blocks) {
    const objection = epochObjection(block, of) ?? linkObjection(block, parent);
    if (objection !== undefined) return objection;
    parent = { block, id: rules.digestOf(encodeCanonical(block as CborValue)) };
  }
  const { vote } = certificate;
  if (parent === undefined) return refusal('wrong-shape', 'a run has at least one block');
  if (vote.kind !== 'finalize' || vote.block !== parent.id || vote.view !== parent.block.view) {
    return refusal('unknown-block', `${vote.kind} ${vote.block} is not about ${parent.id}`);
  }
  return voteCertificateObjection(certificate, of, rules);
}

function epochObjection(
  block: ChainBlock,
  { collection, epoch, membership }: EpochMembers,
): Refusal | undefined {
  if (block.collection !== collection) {
    return refusal('wrong-shape', `a block of ${block.collection}`);
  }
  if (block.epoch < epoch) return refusal('stale-epoch', `epoch ${block.epoch}, not ${epoch}`);
  if (block.epoch > epoch) return refusal('future-epoch', `epoch ${block.epoch}, not ${epoch}`);
  if (block.membership === membership.digest) return undefined;
  return refusal('wrong-shape', `members ${block.membership} do not decide epoch ${epoch}`);
}

function linkObjection(
  block: ChainBlock,
  parent: { readonly id: string; readonly block: ChainBlock } | undefined,
): Refusal | undefined {
  if (parent === undefined) return undefined;
  if (block.height !== parent.block.height + 1) {
    return refusal('wrong-height', `height ${block.height} on ${parent.block.height}`);
  }
  const isChild = block.parent === parent.id && block.parentView === parent.block.view;
  if (isChild && block.view > parent.block.view) return undefined;
  return refusal('unknown-block', `height ${block.height} does not stand on the one before`);
}
