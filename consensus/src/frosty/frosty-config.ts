// What the engine snow with its certificate epochs is told once, and why it refuses.

import { carriedSupport, carryOverBound } from '../bounds/carry-over.ts';
import { SIMPLEX_TIMEOUTS, type SimplexTimeouts } from '../simplex/config.ts';
import type { SimplexVote } from '../simplex/vote.ts';
import {
  CERTIFICATE_BLOCKS,
  countOfLiars,
  type SnowConfig,
  type SnowObjection,
  type SnowTerms,
  snowObjection,
} from '../snow/snow-config.ts';
import type { DecidedOpening } from './opening.ts';
import type { StartingVote } from './statement.ts';

/** On what it depends whether the engine may run. */
export interface FrostyTerms extends SnowTerms {
  /** Blocks that an odd era decides before polls go on. */
  readonly certificateBlocks?: number;
}

export interface FrostyConfig extends SnowConfig, FrostyTerms {
  readonly certificateTimeouts?: SimplexTimeouts;
}

/** Blocks of one odd era at most. */
export const CERTIFICATE_BLOCKS_MAX = 1024;

/** What a member wrote down before it stopped. */
export interface FrostyJournal<Proof> {
  /** The even era that it entered last. */
  readonly era: number;
  /** Its starting votes by era: in each of these it has halted. Those of past eras do no harm. */
  readonly starts?: ReadonlyMap<number, StartingVote>;
  /** How the odd era after it opened, if it did. */
  readonly opening?: DecidedOpening<Proof> | undefined;
  /** Own certificate votes; those of other eras do no harm. */
  readonly votes: readonly SimplexVote[];
}

export interface FrostyObjection {
  readonly reason: SnowObjection['reason'] | 'unsafe-epoch-change';
  /** With the numbers, for the operator. */
  readonly detail: string;
}

/** Why the engine must not run like this; undefined when it may. */
export function frostyObjection(config: FrostyTerms): FrostyObjection | undefined {
  const { certificateBlocks = CERTIFICATE_BLOCKS, members, faulty, safetyTarget } = config;
  const isCount = Number.isSafeInteger(certificateBlocks) && certificateBlocks >= 1;
  if (!isCount || certificateBlocks > CERTIFICATE_BLOCKS_MAX) {
    const detail = `certificateBlocks = ${certificateBlocks}: fails 1 <= it <= ${CERTIFICATE_BLOCKS_MAX}`;
    return { reason: 'unsound-parameters', detail };
  }
  const objection = snowObjection(config);
  if (objection !== undefined) return objection;
  const { k, alphaPreference, alphaConfidence, beta } = config.parameters;
  const poll = { n: members, faulty, k, alphaPreference, alphaConfidence, beta };
  const perRound = carryOverBound(poll);
  if (perRound <= safetyTarget) return undefined;
  const detail =
    `k = ${k}, alphas ${alphaPreference}/${alphaConfidence}, beta = ${beta} among ${members} ` +
    `members with ${countOfLiars(faulty)}: what polls finalise is preferred by fewer than the ` +
    `${carriedSupport(members, faulty)} members that a change to certificates keeps, with ` +
    `probability up to ${perRound.toExponential(1)} per round, the target is ${safetyTarget}`;
  return { reason: 'unsafe-epoch-change', detail };
}

/** Sizes and times that follow from a configuration. */
export interface FrostyRules {
  readonly members: number;
  /** Starting votes that open an odd era. */
  readonly startQuorum: number;
  readonly certificateBlocks: number;
  readonly timeouts: SimplexTimeouts;
}

export function frostyRules(config: FrostyConfig): FrostyRules {
  const { members, faulty, certificateBlocks, certificateTimeouts } = config;
  return {
    members,
    startQuorum: members - faulty,
    certificateBlocks: certificateBlocks ?? CERTIFICATE_BLOCKS,
    timeouts: certificateTimeouts ?? SIMPLEX_TIMEOUTS,
  };
}
