// What the engine snow with its certificate epochs asks of its caller, in order. Names and shapes are
// those of Simplex and of the engine snow where the need is the same.

import type { Digest } from '@starling/shared';
import type { SimplexEffect } from '../simplex/effect.ts';
import type { BlockHeader, QuorumCertificate } from '../simplex/vote.ts';
import type { MetastableFinality } from '../snow/snow-effect.ts';
import type { DecidedOpening } from './opening.ts';
import type { CastStart } from './stall-book.ts';
import type { CastStatement, StallStatement } from './statement.ts';

/**
 * How blocks became final. The certificate of an opening (see `periodOf`) is for the block that its
 * votes make the start of the era, and for all below it.
 */
export type Finality<Proof> =
  | { readonly kind: 'certificate'; readonly certificate: QuorumCertificate<Proof> }
  | MetastableFinality;

type FromSimplex<Proof> = Extract<
  SimplexEffect<Proof>,
  {
    readonly kind:
      | 'cast'
      | 'fetch-certificate'
      | 'certified'
      | 'evidence'
      | 'conflicting-proposals'
      | 'repeat'
      | 'twin'
      | 'wake';
  }
>;

export type FrostyEffect<Proof> =
  | FromSimplex<Proof>
  /** Ask each of these members for its chit of this era; answer with `onChit` or `onSilence`. */
  | {
      readonly kind: 'poll';
      readonly pollId: number;
      readonly era: number;
      readonly peers: readonly number[];
      readonly height: number;
    }
  /**
   * We may propose: build a block on `parent`, hand it in with `onBlock`, or `declineToPropose`. A
   * finishing block may be empty; a trailing one must be: the next era begins without it.
   */
  | {
      readonly kind: 'propose';
      readonly view: number;
      readonly parent: BlockHeader;
      readonly isFinishing: boolean;
      readonly isTrailing: boolean;
    }
  /** Digest, sign and send these starting votes as an opening; hand it in with `onOpening`. */
  | {
      readonly kind: 'propose-opening';
      readonly view: number;
      readonly parent: BlockHeader;
      readonly starts: readonly CastStart<Proof>[];
    }
  /** Is the content valid on its parent, and empty if it is trailing? Answer with `onJudged`. */
  | { readonly kind: 'judge'; readonly block: BlockHeader; readonly isTrailing: boolean }
  /** A block that is unknown here; ask others when the holder does not answer. */
  | { readonly kind: 'fetch-block'; readonly id: Digest; readonly holder: number | undefined }
  | { readonly kind: 'fetch-opening'; readonly id: Digest; readonly holder: number | undefined }
  /** Others are in this era or a later one: ask for a decided opening, see `onDecidedOpening`. */
  | { readonly kind: 'fetch-era'; readonly era: number }
  /**
   * Final, oldest first. A certificate may be for a trailing block: those stand here so that the run
   * can be checked, and are no part of the chain.
   */
  | {
      readonly kind: 'decided';
      readonly blocks: readonly Digest[];
      readonly finality: Finality<Proof>;
      readonly trailing: readonly Digest[];
    }
  /** Lost against what was decided or what an era starts on; their content may be proposed again. */
  | { readonly kind: 'rejected'; readonly blocks: readonly Digest[] }
  /** Write it down if it has a start, flush, sign, send, hand it back through `onStatement`. */
  | { readonly kind: 'state'; readonly statement: StallStatement }
  /** Send again what was signed before. */
  | { readonly kind: 'repeat-statement'; readonly statement: StallStatement }
  /** Two starting votes of one member in one era. */
  | {
      readonly kind: 'statement-evidence';
      readonly voter: number;
      readonly first: CastStatement<Proof>;
      readonly second: CastStatement<Proof>;
    }
  /** Our key signed a starting vote that we do not know: nothing is signed here any more. */
  | { readonly kind: 'twin-statement'; readonly cast: CastStatement<Proof> }
  /** An odd era has opened: write it down, serve it to those behind. */
  | { readonly kind: 'opened'; readonly era: number; readonly opening: DecidedOpening<Proof> }
  /** An even era has begun on the last decided block: write it down with that decision. */
  | { readonly kind: 'entered'; readonly era: number; readonly root: BlockHeader }
  /** Certificates contradict what was decided here: nothing is decided any more. */
  | { readonly kind: 'forked'; readonly decided: BlockHeader; readonly against: Digest };
