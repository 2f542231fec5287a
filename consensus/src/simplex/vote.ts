// What members of a Simplex instance sign, and what the engine must know of a block (Chan, Pass,
// "Simplex Consensus", TCC 2023; views and nullification as in commonware's simplex).

import type { Digest } from '@starling/shared';

export type SimplexVote =
  | { readonly kind: 'notarize'; readonly view: number; readonly block: Digest }
  | { readonly kind: 'nullify'; readonly view: number }
  | { readonly kind: 'finalize'; readonly view: number; readonly block: Digest };

export type VoteKind = SimplexVote['kind'];

/** A vote and whose it is; that `proof` shows it was checked by the caller. */
export interface CastVote<Proof> {
  /** Index among the epoch's members in ascending order. */
  readonly voter: number;
  readonly vote: SimplexVote;
  /** Opaque to the engine: a signature in the cluster, nothing in a simulation. */
  readonly proof: Proof;
}

export interface VoterProof<Proof> {
  readonly voter: number;
  readonly proof: Proof;
}

/** One vote with the proofs of a quorum, voters strictly ascending. */
export interface QuorumCertificate<Proof> {
  readonly vote: SimplexVote;
  readonly proofs: readonly VoterProof<Proof>[];
}

/** What the engine must know of a block; its content is the application's. */
export interface BlockHeader {
  /** Binds the content and every other field: the caller computed it. */
  readonly id: Digest;
  readonly view: number;
  readonly height: number;
  readonly parent: Digest;
  readonly parentView: number;
  /** Index of the member that signed the proposal. */
  readonly leader: number;
}

/** The block that a vote names; undefined for a nullify vote. */
export function blockOf(vote: SimplexVote): Digest | undefined {
  return vote.kind === 'nullify' ? undefined : vote.block;
}

export function sameVote(a: SimplexVote, b: SimplexVote): boolean {
  return a.kind === b.kind && a.view === b.view && blockOf(a) === blockOf(b);
}

/** True for a vote with a known kind, a view that counts, and the block that its kind asks for. */
export function isWellFormed(vote: SimplexVote): boolean {
  if (!Number.isSafeInteger(vote.view) || vote.view < 0) return false;
  if (vote.kind === 'nullify') return true;
  return (vote.kind === 'notarize' || vote.kind === 'finalize') && typeof vote.block === 'string';
}
