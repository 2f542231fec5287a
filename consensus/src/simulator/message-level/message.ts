// What travels in a simulated cluster, and how many bytes of it (sheet: ML-DSA-65 signatures).

import type { Digest } from '@starling/shared';
import type { WantedCertificate } from '../../simplex/effect.ts';
import type { BlockHeader, CastVote, QuorumCertificate, SimplexVote } from '../../simplex/vote.ts';

/** Proofs are the caller's check, and a simulated caller knows who sent what. */
export type NoProof = undefined;

export interface Status {
  readonly decidedView: number;
  readonly best: SimplexVote | undefined;
  readonly finalized: SimplexVote | undefined;
}

/** All kinds have one shape, for speed. `from` is the sender's index. */
export type Message =
  | { readonly kind: 'vote'; readonly from: number; readonly body: CastVote<NoProof> }
  | { readonly kind: 'block'; readonly from: number; readonly body: BlockHeader }
  | { readonly kind: 'candidate'; readonly from: number; readonly body: number }
  | { readonly kind: 'status'; readonly from: number; readonly body: Status }
  | { readonly kind: 'certificate'; readonly from: number; readonly body: Certificate }
  | { readonly kind: 'fetch-block'; readonly from: number; readonly body: Digest }
  | { readonly kind: 'fetch-certificate'; readonly from: number; readonly body: CertificateQuery }
  /** Not sent: a timer that a node set itself; `from` is its number. */
  | { readonly kind: 'wake'; readonly from: number; readonly body: undefined }
  | { readonly kind: 'flush'; readonly from: number; readonly body: undefined }
  | { readonly kind: 'offer'; readonly from: number; readonly body: undefined }
  | { readonly kind: 'idle-status'; readonly from: number; readonly body: undefined }
  | { readonly kind: 'crash'; readonly from: number; readonly body: undefined }
  | { readonly kind: 'restart'; readonly from: number; readonly body: undefined }
  /** Not sent: the network falls apart, or heals when there are no sides. */
  | { readonly kind: 'partition'; readonly from: number; readonly body: Uint8Array | undefined };

export type Certificate = QuorumCertificate<NoProof>;

export interface CertificateQuery {
  readonly view: number;
  readonly want: WantedCertificate;
}

const VOTE_BYTES = 3400;
const SIGNATURE_BYTES = 3309;
const SMALL_BYTES = 200;
/** A block of a few patterns or a model version, with its leader's signature. */
const BLOCK_BYTES = 8192;

export function bytesOf(message: Message): number {
  if (message.kind === 'vote') return VOTE_BYTES;
  if (message.kind === 'block') return BLOCK_BYTES;
  if (message.kind === 'candidate') return BLOCK_BYTES / 2;
  if (message.kind === 'certificate') {
    return SMALL_BYTES + message.body.proofs.length * SIGNATURE_BYTES;
  }
  return SMALL_BYTES;
}
