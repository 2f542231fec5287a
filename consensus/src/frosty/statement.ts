// What a member signs when polls decide nothing any more, and the rule that makes a start of many
// such statements: the starting votes of Frosty (arXiv 2404.14250).

import type { Digest } from '@starling/shared';
import { ERAS_MAX } from './era.ts';

/** Decided blocks that a starting vote names, so that votes of members behind count for them. */
export const START_BELOW_MAX = 16;
/** Preferred blocks above the last decided one that it names; what is higher is not voted for. */
export const START_ABOVE_MAX = 24;

/** A chain: block `ids[i]` has height `fromHeight + i`, the last one is the preference. */
export interface StartingVote {
  readonly fromHeight: number;
  readonly ids: readonly Digest[];
  /** Height of the last decided one among them. */
  readonly decidedHeight: number;
}

/**
 * `start` undefined: polls are stuck here, nothing more. Else the member has halted its polls and
 * says where it stands: it signs one such statement per era, ever.
 */
export interface StallStatement {
  /** The even era that is to end. */
  readonly era: number;
  readonly start: StartingVote | undefined;
}

export interface CastStatement<Proof> {
  readonly voter: number;
  readonly statement: StallStatement;
  readonly proof: Proof;
}

export interface StartingBlock {
  readonly id: Digest;
  readonly height: number;
}

export function isWellFormedStatement({ era, start }: StallStatement): boolean {
  if (!Number.isSafeInteger(era) || era < 0 || era >= ERAS_MAX || era % 2 !== 0) return false;
  if (start === undefined) return true;
  const { fromHeight, ids, decidedHeight } = start;
  if (![fromHeight, decidedHeight].every((each) => Number.isSafeInteger(each) && each >= 0)) {
    return false;
  }
  const below = decidedHeight - fromHeight;
  const above = ids.length - 1 - below;
  return below >= 0 && below <= START_BELOW_MAX && above >= 0 && above <= START_ABOVE_MAX;
}

export function sameStatement(a: StallStatement, b: StallStatement): boolean {
  if (a.era !== b.era || (a.start === undefined) !== (b.start === undefined)) return false;
  const [x, y] = [a.start, b.start];
  if (x === undefined || y === undefined) return true;
  return (
    x.fromHeight === y.fromHeight &&
    x.decidedHeight === y.decidedHeight &&
    x.ids.length === y.ids.length &&
    x.ids.every((id, i) => id === y.ids[i])
  );
}

/** Does this vote's chain run through a block? */
export function supports({ fromHeight, ids }: StartingVote, block: StartingBlock): boolean {
  return ids[block.height - fromHeight] === block.id;
}

/**
 * The highest block that the chains of more than half of the votes run through; undefined when there
 * is none. Everyone computes the same from the same votes, without knowing a block of them.
 */
export function startingBlock(votes: readonly StartingVote[]): StartingBlock | undefined {
  const counts = new Map<string, StartingBlock & { votes: number }>();
  let best: StartingBlock | undefined;
  for (const { fromHeight, ids } of votes) {
    for (const [i, id] of ids.entries()) {
      const height = fromHeight + i;
      const key = `${height} ${id}`;
      const counted = counts.get(key) ?? { id, height, votes: 0 };
      counted.votes += 1;
      counts.set(key, counted);
      if (2 * counted.votes > votes.length && height > (best?.height ?? -1)) best = { id, height };
    }
  }
  return best;
}
