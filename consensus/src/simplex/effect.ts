// What a replica asks of its caller, in the order in which it must happen.

import type { Digest } from '@starling/shared';
import type { BlockHeader, CastVote, QuorumCertificate, SimplexVote } from './vote.ts';

/** Which certificate of a view is missing; `any` takes a later one too. */
export type WantedCertificate = 'any' | 'notarization' | 'nullification';

export type SimplexEffect<Proof> =
  /**
   * Write the vote down, flush, sign, send, hand it back through `onVote`. A certificate that was
   * reported before it belongs into the same flush: who finalises and then forgets the notarisation
   * could neither nullify the view nor show why. A leader sends its block only after this flush.
   */
  | { readonly kind: 'cast'; readonly vote: SimplexVote }
  /**
   * We lead: build a block on `parent`, hand it in with `onBlock`, or `declineToPropose`. A finishing
   * block may be empty; it is asked for so that blocks before it become final.
   */
  | {
      readonly kind: 'propose';
      readonly view: number;
      readonly parent: BlockHeader;
      readonly isFinishing: boolean;
    }
  /** Is the content valid on its parent? Answer with `onJudged`. */
  | { readonly kind: 'judge'; readonly block: BlockHeader }
  /**
   * A block that was voted for or certified and is unknown; asked again at each repetition, each time
   * with another holder of those that voted for it. It may be silent or lie: ask somebody else too.
   */
  | {
      readonly kind: 'fetch-block';
      readonly id: Digest;
      readonly view: number;
      readonly holder: number;
    }
  /**
   * A certificate that is missing; asked again at each repetition. The holder should have it. Whoever
   * decided that view or a later one answers with its last finalisation, which replaces it.
   */
  | {
      readonly kind: 'fetch-certificate';
      readonly view: number;
      readonly want: WantedCertificate;
      readonly holder: number | undefined;
    }
  /** Formed or learned: keep it, serve it. */
  | { readonly kind: 'certified'; readonly certificate: QuorumCertificate<Proof> }
  /** Final, oldest first. The certificate is for the last of them. */
  | {
      readonly kind: 'decided';
      readonly blocks: readonly Digest[];
      readonly certificate: QuorumCertificate<Proof>;
    }
  /** Two votes that no honest member casts both. */
  | {
      readonly kind: 'evidence';
      readonly voter: number;
      readonly first: CastVote<Proof>;
      readonly second: CastVote<Proof>;
    }
  /** Two blocks that one leader signed for one view. */
  | {
      readonly kind: 'conflicting-proposals';
      readonly leader: number;
      readonly first: BlockHeader;
      readonly second: BlockHeader;
    }
  /** Send again what others may have missed, and say which certificate is the best one here. */
  | {
      readonly kind: 'repeat';
      readonly votes: readonly SimplexVote[];
      readonly certificate: QuorumCertificate<Proof> | undefined;
    }
  /** Call `onTick` then; replaces every earlier wake. */
  | { readonly kind: 'wake'; readonly atMs: number }
  /** Our key voted elsewhere: this replica casts nothing any more. */
  | { readonly kind: 'twin'; readonly cast: CastVote<Proof> }
  /** A certificate contradicts what was decided: more than F lied. Nothing is decided any more. */
  | {
      readonly kind: 'forked';
      readonly decided: BlockHeader;
      readonly certificate: QuorumCertificate<Proof>;
    };

/** What became of a vote. Refusals change nothing. */
export type VoteOutcome =
  | 'counted'
  | 'duplicate'
  | 'equivocation'
  | 'unknown-own-vote'
  | 'not-a-member'
  | 'malformed'
  | 'stale-view'
  | 'too-far-ahead'
  | 'too-old';

/** What became of a certificate whose proofs the caller checked. */
export type CertificateOutcome =
  | 'learned'
  | 'duplicate'
  | 'malformed'
  | 'not-a-member'
  | 'duplicate-voter'
  | 'unsorted-voters'
  | 'too-few'
  | 'stale-view'
  | 'conflicting'
  | 'too-many-views';

/** What became of a block whose leader's signature the caller checked. */
export type BlockOutcome =
  | 'accepted'
  | 'duplicate'
  | 'malformed'
  | 'not-the-leader'
  | 'stale-view'
  | 'stale-parent'
  | 'too-far-ahead'
  | 'too-old'
  | 'wrong-height'
  | 'wrong-parent'
  | 'too-many-blocks';
