// What an engine knows of a block, as it follows from the block's body.

import type { ChainBlock, Digest } from '@starling/shared';
import type { BlockHeader } from '../simplex/vote.ts';
import type { Membership } from './membership.ts';

/**
 * The header of a block; undefined when its leader is no member of the epoch.
 * @param id digest of the block's canonical body
 */
export function headerOf(
  { height, leader, parent, parentView, view }: ChainBlock,
  id: Digest,
  { places }: Membership,
): BlockHeader | undefined {
  const place = places.get(leader);
  if (place === undefined) return undefined;
  return { height, id, leader: place, parent, parentView, view };
}
