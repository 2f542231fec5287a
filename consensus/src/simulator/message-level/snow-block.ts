// Blocks and openings of a simulated snow chain: ids are digests, because polls go by their bits.

import type { Digest } from '@starling/shared';
import { openingRoot } from '../../frosty/opening.ts';
import type { CastStart } from '../../frosty/stall-book.ts';
import type { BlockHeader } from '../../simplex/vote.ts';
import type { NoProof } from './message.ts';

/** The genesis: an id like any other. */
export const SNOW_ROOT: BlockHeader = Object.freeze({ ...openingRoot(0), id: digestOf('genesis') });

const EMPTY = 'e';
const FULL = 'f';

/** Its last digit says whether a block has content. */
export function snowBlockOn(
  parent: BlockHeader,
  { view, leader, content }: { view: number; leader: number; content: string },
): BlockHeader {
  const mark = content === '' ? EMPTY : FULL;
  const text = `${content} in ${view} by ${leader} on ${parent.id} of ${parent.view}`;
  return header(parent, { view, leader, id: `${digestOf(text).slice(0, -1)}${mark}` as Digest });
}

export function isEmptyBlock({ id }: BlockHeader): boolean {
  return id.endsWith(EMPTY);
}

export function openingOn(
  parent: BlockHeader,
  { view, leader, starts }: { view: number; leader: number; starts: readonly CastStart<NoProof>[] },
): BlockHeader {
  const said = starts.map(({ voter, statement }) => {
    return `${voter} ${statement.start.fromHeight} ${statement.start.ids.join(' ')}`;
  });
  const id = digestOf(`opening in ${view} by ${leader} on ${parent.id} of ${said.join(';')}`);
  return header(parent, { view, leader, id });
}

function header(
  parent: BlockHeader,
  { view, leader, id }: { view: number; leader: number; id: Digest },
): BlockHeader {
  const height = parent.height + 1;
  return { id, view, height, parent: parent.id, parentView: parent.view, leader };
}

/** Eight lanes of FNV-1a, mixed: no cryptography, but nobody here looks for collisions. */
function digestOf(text: string): Digest {
  let digits = '';
  for (let lane = 0; lane < 8; lane++) {
    let state = 0x811c9dc5 ^ Math.imul(lane + 1, 0x9e3779b9);
    for (let i = 0; i < text.length; i++) {
      state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
    }
    state = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    state = Math.imul(state ^ (state >>> 15), 0x735a2d97);
    digits += ((state ^ (state >>> 15)) >>> 0).toString(16).padStart(8, '0');
  }
  return digits as Digest;
}
