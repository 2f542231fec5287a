// What the rules of a chain make of the engine snow in one epoch, and whether it may run like that.

import { DEFAULT_SNOW_PARAMETERS, type FrostyConfig, type RandomSource } from '@starling/consensus';
import { systemRandom } from '@starling/crypto';
import { type ChainEngine, MICROS } from '@starling/shared';

export type SnowTerms = Extract<ChainEngine, { readonly kind: 'snow' }>;

const RANDOM: RandomSource = {
  nextUint32: () => new DataView(systemRandom(4).buffer).getUint32(0),
};

export type EpochSetting = Pick<
  FrostyConfig,
  'leaderSeed' | 'members' | 'root' | 'self' | 'weights'
>;

/** Members that may lie at once. */
export function liarsOf({ byzantineMicros }: SnowTerms, members: number): number {
  return Math.floor((members * byzantineMicros) / MICROS);
}

export function frostyConfig(engine: SnowTerms, setting: EpochSetting): FrostyConfig {
  const { parameters, targetExponent } = engine;
  const { concurrentRepolls } = DEFAULT_SNOW_PARAMETERS;
  return {
    ...setting,
    faulty: liarsOf(engine, setting.members),
    parameters: {
      ...DEFAULT_SNOW_PARAMETERS,
      ...parameters,
      concurrentRepolls: Math.min(concurrentRepolls, parameters.beta),
    },
    random: RANDOM,
    safetyTarget: 10 ** -targetExponent,
  };
}
