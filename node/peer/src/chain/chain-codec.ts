// The engine's votes, certificates and blocks as the wire carries them, and back.

import {
  type BlockHeader,
  blockOf,
  type ChainMember,
  headerOf,
  type Membership,
  type QuorumCertificate,
  type SimplexVote,
} from '@starling/consensus';
import { type SignatureClaim, statementClaim, statementFrame } from '@starling/crypto';
import type { ReadBlock } from '@starling/rules';
import {
  type ChainCertificate,
  type ChainVote,
  type Checked,
  chainVote,
  checked,
  encodeCanonical,
  type FederationId,
  type MemberId,
  refused,
} from '@starling/shared';

/** In whose name, and in which epoch, members vote. */
export interface EpochTerms {
  readonly federation: FederationId;
  readonly collection: string;
  readonly epoch: number;
  readonly membership: Membership;
}

/** A certificate whose proofs are the signatures. */
export type SignedCertificate = QuorumCertificate<Uint8Array>;

export function voteBody({ collection, epoch }: EpochTerms, vote: SimplexVote): ChainVote {
  return { block: blockOf(vote) ?? null, collection, epoch, kind: vote.kind, view: vote.view };
}

export function voteOf({ block, kind, view }: ChainVote): SimplexVote {
  // The schema ties a missing block to nullify votes.
  return kind === 'nullify' || block === null ? { kind: 'nullify', view } : { kind, view, block };
}

/** What a vote is for, without its epoch. */
export function shownVote(vote: SimplexVote): Pick<ChainVote, 'block' | 'kind' | 'view'> {
  return { block: blockOf(vote) ?? null, kind: vote.kind, view: vote.view };
}

/** That a member cast this vote with this signature. */
export function voteClaim(
  terms: EpochTerms,
  { member, publicKey }: ChainMember,
  vote: SimplexVote,
  signature: Uint8Array,
): SignatureClaim {
  const bodyBytes = encodeCanonical(voteBody(terms, vote));
  const { federation } = terms;
  return statementClaim(chainVote, { federation, sender: member, publicKey, bodyBytes, signature });
}

/** The very frame that the member published, from its parts. */
export function voteFrame(
  terms: EpochTerms,
  sender: MemberId,
  vote: SimplexVote,
  signature: Uint8Array,
): Uint8Array {
  const bodyBytes = encodeCanonical(voteBody(terms, vote));
  const { federation } = terms;
  return statementFrame(chainVote, { federation, sender, bodyBytes, signature });
}

export function wireCertificate(
  terms: EpochTerms,
  { proofs, vote }: SignedCertificate,
): ChainCertificate {
  const signatures = proofs.map(({ proof, voter }) => ({ signature: proof, voter }));
  return { proofs: signatures, vote: voteBody(terms, vote) };
}

export function certificateOf({ proofs, vote }: ChainCertificate): SignedCertificate {
  const signed = proofs.map(({ signature, voter }) => ({ proof: signature, voter }));
  return { proofs: signed, vote: voteOf(vote) };
}

/**
 * Every signature of a certificate of this epoch; refused when it is of another one, or a voter is
 * no member.
 */
export function certificateClaims(
  terms: EpochTerms,
  { proofs, vote }: ChainCertificate,
): Checked<readonly SignatureClaim[]> {
  if (vote.collection !== terms.collection || vote.epoch !== terms.epoch) {
    return refused('stale-epoch', `a certificate of ${vote.collection} ${vote.epoch}`);
  }
  const claims: SignatureClaim[] = [];
  for (const { signature, voter } of proofs) {
    const member = terms.membership.members[voter];
    if (member === undefined) return refused('unknown-sender', `voter ${voter} is no member`);
    claims.push(voteClaim(terms, member, voteOf(vote), signature));
  }
  return checked(claims);
}

/** What the engine must know of a block; refused when its leader is no member. */
export function blockHeader(
  { block, id }: ReadBlock,
  { membership }: EpochTerms,
): Checked<BlockHeader> {
  const header = headerOf(block, id, membership);
  if (header !== undefined) return checked(header);
  return refused('unknown-sender', `the leader ${block.leader} is no member`);
}
