// What the chain needs of the site's world.

import type { PeerDependencies } from '../dependencies.ts';

export type ChainWorld = Pick<
  PeerDependencies,
  'bus' | 'clock' | 'identity' | 'logger' | 'meter' | 'store' | 'verify'
>;
