// How an odd era begins: its members certify one set of starting votes, and with it the block that
// all of them go on from. The certified thing is no block of the chain: it has no content but votes.

import type { Digest } from '@starling/shared';
import { certificateObjection } from '../simplex/quorum-certificate.ts';
import type { BlockHeader, QuorumCertificate } from '../simplex/vote.ts';
import { votingPower } from '../simplex/voting-power.ts';
import { comparePeriods, periodOf, viewBefore } from './era.ts';
import type { FrostyRules } from './frosty-config.ts';
import type { CastStart } from './stall-book.ts';
import { isWellFormedStatement, type StartingBlock, startingBlock } from './statement.ts';

/** Openings that trail the first one, at most, in what is handed to others. */
export const OPENINGS_TRAILING_MAX = 64;

/**
 * A leader's proposal of how the era begins. `header.id` binds era, header and votes: the caller
 * computed it and checked every proof. Behind the first one the list is empty: such a proposal only
 * helps to decide the first.
 */
export interface OpeningBlock<Proof> {
  readonly header: BlockHeader;
  /** In ascending order of voters. */
  readonly starts: readonly CastStart<Proof>[];
}

/** The opening of an era, final: the first block counts, the last one is what is certified. */
export interface DecidedOpening<Proof> {
  readonly blocks: readonly OpeningBlock<Proof>[];
  readonly certificate: QuorumCertificate<Proof>;
}

/** An odd era and the block that it starts on. */
export interface EraStart {
  readonly era: number;
  readonly block: StartingBlock;
}

/** What an era's opening stands on: no block, but the same for everyone. */
export function openingRoot(era: number): BlockHeader {
  const id = '0'.repeat(64) as Digest;
  const view = viewBefore({ era, kind: 'opening' });
  return { id, view, height: 0, parent: id, parentView: 0, leader: 0 };
}

/**
 * The block that an era starts on by this opening; undefined when the votes do not make one: enough
 * of them, of different members, each for the era before, and a block that most of them stand for.
 */
export function startOf<Proof>(
  { header, starts }: OpeningBlock<Proof>,
  { members, startQuorum }: FrostyRules,
): StartingBlock | undefined {
  const { era, kind } = periodOf(header.view);
  if (kind !== 'opening' || starts.length < startQuorum || starts.length > members)
    return undefined;
  let previous = -1;
  for (const { voter, statement } of starts) {
    if (!(voter > previous && voter < members) || statement.era !== era - 1) return undefined;
    if (statement.start === undefined || !isWellFormedStatement(statement)) return undefined;
    previous = voter;
  }
  return startingBlock(starts.map(({ statement }) => statement.start));
}

/** The era and block that a certified opening gives; undefined when it does not hold. */
export function decidedStart<Proof>(
  { blocks, certificate }: DecidedOpening<Proof>,
  rules: FrostyRules,
): EraStart | undefined {
  const [first] = blocks;
  if (first === undefined || blocks.length > OPENINGS_TRAILING_MAX + 1) return undefined;
  const period = periodOf(first.header.view);
  const root = openingRoot(period.era);
  let parent = root;
  for (const { header } of blocks) {
    const isNext = header.parent === parent.id && header.parentView === parent.view;
    const isInside = comparePeriods(periodOf(header.view), period) === 0;
    if (!isNext || !isInside || header.height !== parent.height + 1) return undefined;
    parent = header;
  }
  const { vote } = certificate;
  const isFinal = vote.kind === 'finalize' && vote.block === parent.id && vote.view === parent.view;
  if (!isFinal || certificateObjection(certificate, votingPower(rules.members))) return undefined;
  const block = startOf(first, rules);
  return block === undefined ? undefined : { era: period.era, block };
}
