// What the engine `snow` is told once, and why it refuses. Nobody should run sampled finality whose
// safety nobody computed: the bound of the room's README must meet the target that was asked for.

import { expectedRun, LIVE_ROUNDS_MAX } from '../bounds/parameters-for.ts';
import { confidentPoll, type SampledPoll, safetyBound } from '../bounds/safety-bound.ts';
import type { RandomSource } from '../sampling/random-source.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import { type SnowKind, type SnowParameters, verifyParameters } from './parameters.ts';

export interface SnowTimeouts {
  /** How long a poll waits for an answer. */
  readonly pollMs: number;
  /** What a poll usually takes: from it follows when finality is overdue. */
  readonly roundMs: number;
  /** How long a height waits for its proposer before the next one may propose. */
  readonly proposeMs: number;
}

export const SNOW_TIMEOUTS: SnowTimeouts = Object.freeze({
  pollMs: 1000,
  roundMs: 250,
  proposeMs: 1000,
});

/** The smallest number of members of which one may lie. */
export const SNOW_MEMBERS_MIN = 4;
/** Blocks that a certificate epoch decides after a stall, before polls go on (Frosty). */
export const CERTIFICATE_BLOCKS = 4;
/** Polls that an even split takes before its confidence begins to grow. */
const CONVERGENCE_POLLS = 10;
/** Finality is overdue after so many times the expected time. */
const STALL_FACTOR = 2;

/** On what it depends whether the engine may run. */
export interface SnowTerms {
  readonly members: number;
  /** By member; the bound holds for equal ones only, so others are refused. */
  readonly weights?: readonly number[];
  readonly parameters: SnowParameters;
  /** Members that may lie at once. */
  readonly faulty: number;
  /** P[two honest members finalise differently] per poll that is accepted, in lock-step rounds. */
  readonly safetyTarget: number;
}

export interface SnowConfig extends SnowTerms {
  /** Our index; undefined for an observer, which polls and is not polled. */
  readonly self: number | undefined;
  readonly leaderSeed: Uint8Array | number;
  /** The last decided block. */
  readonly root: BlockHeader;
  readonly kind?: SnowKind;
  readonly random: RandomSource;
  readonly timeouts?: SnowTimeouts;
}

export type SnowObjectionReason =
  | 'too-few-members'
  | 'unsound-parameters'
  | 'unequal-weights'
  | 'unreachable'
  | 'unsafe';

export interface SnowObjection {
  readonly reason: SnowObjectionReason;
  /** With the numbers, for the operator. */
  readonly detail: string;
}

/** Why the engine must not run like this; undefined when it may. */
export function snowObjection(config: SnowTerms): SnowObjection | undefined {
  const { members, weights = [], faulty, parameters, safetyTarget } = config;
  if (!(members >= SNOW_MEMBERS_MIN)) {
    const detail = `${members} members tolerate no liar: sampling needs ${SNOW_MEMBERS_MIN}`;
    return { reason: 'too-few-members', detail };
  }
  const unsound = verifyParameters(parameters) ?? faultyObjection(config);
  if (unsound !== undefined) return { reason: 'unsound-parameters', detail: unsound };
  if (new Set(weights).size > 1) {
    const detail = 'the safety bound holds for equal weights only: use certificates';
    return { reason: 'unequal-weights', detail };
  }
  const { k, alphaConfidence } = parameters;
  const answering = Math.min(k, members - faulty);
  if (alphaConfidence > answering || k > members) {
    const detail =
      `k = ${k}, alphaConfidence = ${alphaConfidence}: of ${members} members, ${faulty} of them ` +
      `silent, at most ${answering} answer a poll`;
    return { reason: 'unreachable', detail };
  }
  const { perRound } = safetyBound(sampledPoll(config));
  if (perRound <= safetyTarget) return undefined;
  const { alphaPreference, beta } = parameters;
  const poll = `k = ${k}, alphas ${alphaPreference}/${alphaConfidence}, beta = ${beta}`;
  const detail =
    `${poll} among ${members} members with ${countOfLiars(faulty)} may finalise two blocks with ` +
    `probability ${perRound.toExponential(1)} per round, the target is ${safetyTarget}`;
  return { reason: 'unsafe', detail };
}

export function countOfLiars(faulty: number): string {
  return faulty === 1 ? '1 liar' : `${faulty} liars`;
}

/**
 * Time without a decision after which it is overdue: twice what the polls of one decision take
 * when the faulty members are silent.
 */
export function stallAfterMs(config: SnowConfig): number {
  const { roundMs } = config.timeouts ?? SNOW_TIMEOUTS;
  const chance = confidentPoll(sampledPoll(config));
  const row = Math.min(LIVE_ROUNDS_MAX, expectedRun(chance, config.parameters.beta));
  return STALL_FACTOR * roundMs * (row + CONVERGENCE_POLLS);
}

function sampledPoll({ members: n, faulty, parameters }: SnowTerms): SampledPoll {
  const { k, alphaPreference, alphaConfidence, beta } = parameters;
  return { n, faulty, k, alphaPreference, alphaConfidence, beta };
}

function faultyObjection({ members, faulty, parameters, safetyTarget }: SnowTerms) {
  if (!Number.isSafeInteger(faulty) || faulty < 0 || 3 * faulty >= members) {
    return `faulty = ${faulty}, members = ${members}: fails 0 <= faulty < members/3`;
  }
  if (!(safetyTarget > 0 && safetyTarget < 1)) {
    return `safetyTarget = ${safetyTarget}: fails 0 < safetyTarget < 1`;
  }
  // The bound knows one condition; a weaker one beside it would go uncounted.
  if ((parameters.moreConditions ?? []).length > 0) {
    return 'moreConditions: the safety bound is for one termination condition';
  }
  return undefined;
}
