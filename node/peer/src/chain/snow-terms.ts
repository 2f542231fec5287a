// The engine snow as a site configures it for one epoch.

import {
  type FrostyConfig,
  type RandomSource,
  type SnowRules,
  snowTerms,
} from '@starling/consensus';
import { systemRandom } from '@starling/crypto';

const RANDOM: RandomSource = {
  nextUint32: () => new DataView(systemRandom(4).buffer).getUint32(0),
};

export type EpochSetting = Pick<
  FrostyConfig,
  'certificateTimeouts' | 'leaderSeed' | 'members' | 'root' | 'self' | 'weights'
>;

export function frostyConfig(rules: SnowRules, setting: EpochSetting): FrostyConfig {
  return { ...setting, ...snowTerms(rules, setting.members), random: RANDOM };
}
