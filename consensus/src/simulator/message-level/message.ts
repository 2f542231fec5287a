// What travels in a simulated cluster, and how many bytes of it (sheet: ML-DSA-65 signatures).

import type { Digest } from '@starling/shared';
import type { Period } from '../../frosty/era.ts';
import type { DecidedOpening, OpeningBlock } from '../../frosty/opening.ts';
import type { CastStatement } from '../../frosty/statement.ts';
import type { WantedCertificate } from '../../simplex/effect.ts';
import type { BlockHeader, CastVote, QuorumCertificate, SimplexVote } from '../../simplex/vote.ts';
import type { Chit } from '../../snow/snow-effect.ts';
import { CHIT_BYTES, QUERY_BYTES } from '../traffic.ts';

/** Proofs are the caller's check, and a simulated caller knows who sent what. */
export type NoProof = undefined;

export interface Status {
  readonly decidedView: number;
  readonly best: SimplexVote | undefined;
  readonly finalized: SimplexVote | undefined;
}

/** How far a member of the engine snow is. */
export interface EraStatus {
  readonly period: Period;
  readonly height: number;
  readonly decided: Digest;
  readonly best: SimplexVote | undefined;
  readonly finalized: SimplexVote | undefined;
}

export interface PollQuery {
  readonly pollId: number;
  readonly era: number;
  readonly height: number;
}

export interface PollReply {
  readonly pollId: number;
  /** Undefined: no answer, but at once. */
  readonly chit: Chit | undefined;
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
  /** These are the engine snow's. */
  | { readonly kind: 'query'; readonly from: number; readonly body: PollQuery }
  | { readonly kind: 'chit'; readonly from: number; readonly body: PollReply }
  | { readonly kind: 'statement'; readonly from: number; readonly body: CastStatement<NoProof> }
  | { readonly kind: 'opening'; readonly from: number; readonly body: OpeningBlock<NoProof> }
  | { readonly kind: 'opened'; readonly from: number; readonly body: DecidedOpening<NoProof> }
  | { readonly kind: 'era-status'; readonly from: number; readonly body: EraStatus }
  | { readonly kind: 'fetch-opening'; readonly from: number; readonly body: Digest }
  | { readonly kind: 'fetch-era'; readonly from: number; readonly body: number }
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
const DIGEST_BYTES = 34;
/** A block of a few patterns or a model version, with its leader's signature. */
const BLOCK_BYTES = 8192;

export function bytesOf(message: Message): number {
  if (message.kind === 'vote') return VOTE_BYTES;
  if (message.kind === 'block') return BLOCK_BYTES;
  if (message.kind === 'candidate') return BLOCK_BYTES / 2;
  if (message.kind === 'certificate') {
    return SMALL_BYTES + message.body.proofs.length * SIGNATURE_BYTES;
  }
  if (message.kind === 'query') return QUERY_BYTES;
  if (message.kind === 'chit') return CHIT_BYTES;
  if (message.kind === 'statement') return statementBytes(message.body);
  if (message.kind === 'opening') return openingBytes(message.body);
  if (message.kind === 'opened') {
    const { blocks, certificate } = message.body;
    const proofs = certificate.proofs.length * SIGNATURE_BYTES;
    return blocks.reduce((sum, block) => sum + openingBytes(block), proofs);
  }
  return SMALL_BYTES;
}

function statementBytes({ statement }: CastStatement<NoProof>): number {
  return VOTE_BYTES + (statement.start?.ids.length ?? 0) * DIGEST_BYTES;
}

function openingBytes({ starts }: OpeningBlock<NoProof>): number {
  return starts.reduce((sum, start) => sum + statementBytes(start), VOTE_BYTES);
}
