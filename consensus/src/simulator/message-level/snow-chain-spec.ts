// What a run of the engine snow over a chain of blocks is told: the network and faults of the message
// level, and how members poll. Everything random follows from `seed`.

import { carriedParametersFor } from '../../bounds/carry-over.ts';
import { DEFAULT_SNOW_PARAMETERS, type SnowParameters } from '../../snow/parameters.ts';
import { CERTIFICATE_BLOCKS, SNOW_TIMEOUTS, type SnowTimeouts } from '../../snow/snow-config.ts';
import { assertMessageLevelSpec, MESSAGE_LEVEL_DEFAULTS, type MessageLevelSpec } from './spec.ts';

export const SNOW_CHAIN_ADVERSARIES = ['silent', 'contrarian', 'equivocator'] as const;
/**
 * `contrarian` answers polls with another block than it is inclined to, and states such a preference;
 * `equivocator` shows two blocks to two halves and tells each half, in polls, statements, openings
 * and votes, that its block is the one.
 */
export type SnowChainAdversary = (typeof SNOW_CHAIN_ADVERSARIES)[number];

export interface SnowChainSpec
  extends Omit<MessageLevelSpec, 'engine' | 'adversary' | 'weights' | 'crash' | 'partition'> {
  readonly engine: 'snow';
  readonly adversary: SnowChainAdversary;
  /** Members that the parameters are made to tolerate. */
  readonly faulty: number;
  readonly parameters: SnowParameters;
  readonly safetyTarget: number;
  readonly certificateBlocks: number;
  readonly timeouts: SnowTimeouts;
  /** The first proposer shows one block to half of the members and another one to the others. */
  readonly isSplit: boolean;
}

/** Missing fields are the defaults: parameters are the smallest that the bound allows. */
export function snowChainSpec(partial: Partial<SnowChainSpec>): SnowChainSpec {
  const { members = MESSAGE_LEVEL_DEFAULTS.members, faulty = partial.byzantine ?? 0 } = partial;
  const spec: SnowChainSpec = {
    ...MESSAGE_LEVEL_DEFAULTS,
    faulty,
    parameters: partial.parameters ?? smallest(members, faulty),
    safetyTarget: 1e-15,
    certificateBlocks: CERTIFICATE_BLOCKS,
    timeouts: SNOW_TIMEOUTS,
    isSplit: false,
    ...partial,
    engine: 'snow',
    adversary: partial.adversary ?? 'silent',
  };
  const { engine: _, adversary: __, ...shared } = spec;
  assertMessageLevelSpec({ ...MESSAGE_LEVEL_DEFAULTS, ...shared });
  return spec;
}

function smallest(members: number, faulty: number): SnowParameters {
  const found = carriedParametersFor(members, faulty);
  if (found === undefined)
    throw new RangeError(`no parameters for ${members} with ${faulty} liars`);
  const { k, alphaPreference, alphaConfidence, beta } = found;
  const concurrentRepolls = Math.min(DEFAULT_SNOW_PARAMETERS.concurrentRepolls, beta);
  const sampled = { k, alphaPreference, alphaConfidence, beta, concurrentRepolls };
  return { ...DEFAULT_SNOW_PARAMETERS, ...sampled };
}
