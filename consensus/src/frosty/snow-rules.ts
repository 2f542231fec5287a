// What the signed rules of a chain make of the engine snow among so many members, and whether it may
// run like that: asked when a federation is founded, when its chain opens, and in every epoch.

import { type ChainEngine, MICROS, type PollParameters } from '@starling/shared';
import { carriedParametersFor } from '../bounds/carry-over.ts';
import { DEFAULT_SNOW_PARAMETERS } from '../snow/parameters.ts';
import { SNOW_MEMBERS_MIN, type SnowTerms } from '../snow/snow-config.ts';
import { frostyObjection } from './frosty-config.ts';

export type SnowRules = Extract<ChainEngine, { readonly kind: 'snow' }>;

/** Members that may lie at once. */
export function liarsOf(
  { byzantineMicros }: Pick<SnowRules, 'byzantineMicros'>,
  members: number,
): number {
  return Math.floor((members * byzantineMicros) / MICROS);
}

/** The engine's terms in an epoch of so many members. */
export function snowTerms(rules: SnowRules, members: number): SnowTerms {
  const { parameters } = rules;
  const concurrentRepolls = Math.min(DEFAULT_SNOW_PARAMETERS.concurrentRepolls, parameters.beta);
  return {
    faulty: liarsOf(rules, members),
    members,
    parameters: { ...DEFAULT_SNOW_PARAMETERS, ...parameters, concurrentRepolls },
    safetyTarget: targetOf(rules),
  };
}

/** Why an engine must not run among so many members, numbers included; undefined when it may. */
export function engineObjection(
  engine: ChainEngine,
  members: number,
  weights: readonly number[] = [],
): string | undefined {
  if (engine.kind === 'simplex') return undefined;
  return frostyObjection({ ...snowTerms(engine, members), weights })?.detail;
}

/**
 * The polls with which the engine snow asks fewest among so many members (`carriedParametersFor`);
 * polls of everybody when none are safe enough, so that `engineObjection` says by how much.
 */
export function snowParametersFor(
  rules: Omit<SnowRules, 'kind' | 'parameters'>,
  members: number,
): PollParameters {
  const faulty = liarsOf(rules, members);
  const isPossible = members >= SNOW_MEMBERS_MIN && 3 * faulty < members;
  const found = isPossible ? carriedParametersFor(members, faulty, targetOf(rules)) : undefined;
  const alphaPreference = Math.floor(members / 2) + 1;
  const alphaConfidence = Math.max(alphaPreference, members - faulty);
  const { k, ...polls } = found ?? { alphaConfidence, alphaPreference, beta: 1, k: members };
  return {
    alphaConfidence: polls.alphaConfidence,
    alphaPreference: polls.alphaPreference,
    beta: polls.beta,
    k,
  };
}

/** The power of ten itself: 10 ** -15 is not always 1e-15. */
function targetOf({ targetExponent }: Pick<SnowRules, 'targetExponent'>): number {
  return Number(`1e-${targetExponent}`);
}
