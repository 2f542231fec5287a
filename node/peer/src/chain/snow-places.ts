// Which valid blocks stand where they may under the engine snow.

import { periodOf } from '@starling/consensus';
import type { ChainBlock } from '@starling/shared';

/** Nothing of a trailing block counts, and only what certificates decide ends an epoch. */
export function isInPlace(
  { entries, view }: Pick<ChainBlock, 'entries' | 'view'>,
  isTrailing: boolean,
): boolean {
  const isEnd = entries.at(-1)?.kind === 'membership';
  if (isEnd && periodOf(view).kind === 'polls') return false;
  return !isTrailing || entries.length === 0;
}
