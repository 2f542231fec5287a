// What the engine `snow` asks of its caller, in order, and what it is asked. Where Simplex has the
// same need, name and shape are the same, so that one driver runs both.

import type { Digest } from '@starling/shared';
import type { BlockHeader } from '../simplex/vote.ts';
import type { PollOutcome } from './poll-set.ts';

/** A member's answer to a poll: authenticated by its channel, not signed. */
export interface Chit {
  /** The tip of its preferred branch. */
  readonly preference: Digest;
  /** Its preferred block at the height that the query names. */
  readonly preferenceAtHeight: Digest;
  readonly lastAccepted: Digest;
}

/** How a decision became final: by so many polls of k members since its oldest block came. */
export interface MetastableFinality {
  readonly kind: 'metastable';
  readonly polls: number;
  readonly k: number;
}

export type SnowEffect =
  /** Ask each of these members for its chit; answer with `onChit`, or `onSilence` on failure. */
  | {
      readonly kind: 'poll';
      readonly pollId: number;
      readonly peers: readonly number[];
      readonly height: number;
    }
  /** We may propose: build a block on `parent`, hand it in with `onBlock`, or `declineToPropose`. */
  | {
      readonly kind: 'propose';
      readonly view: number;
      readonly parent: BlockHeader;
      readonly isFinishing: false;
    }
  /** Is the content valid on its parent? Answer with `onJudged`. */
  | { readonly kind: 'judge'; readonly block: BlockHeader }
  /** A block that was voted for or built on and is unknown. */
  | { readonly kind: 'fetch-block'; readonly id: Digest }
  /** Final, oldest first. */
  | {
      readonly kind: 'decided';
      readonly blocks: readonly Digest[];
      readonly finality: MetastableFinality;
    }
  /** Lost against a decided block, with all that stood on it. */
  | { readonly kind: 'rejected'; readonly blocks: readonly Digest[] }
  /** Two blocks that one proposer signed for one view. */
  | {
      readonly kind: 'conflicting-proposals';
      readonly leader: number;
      readonly first: BlockHeader;
      readonly second: BlockHeader;
    }
  /**
   * Finality is overdue; said again as often as it stays so. When more than F members say so, the
   * caller halts the engine, decides `certificateBlocks` blocks by certificates and starts anew.
   */
  | {
      readonly kind: 'stalled';
      readonly lastAccepted: BlockHeader;
      readonly sinceMs: number;
      readonly certificateBlocks: number;
    }
  /** Call `onTick` then; replaces every earlier wake. */
  | { readonly kind: 'wake'; readonly atMs: number };

/** What became of a chit. `dropped`: it names no undecided block and none that leads to one. */
export type ChitOutcome = PollOutcome | 'dropped' | 'halted';
