// Blocks of a simulation. Like a digest, an id stands for one content on one parent in one view.

import type { Digest } from '@starling/shared';
import type { BlockHeader } from '../../simplex/vote.ts';

export interface SimulatedContent {
  readonly view: number;
  readonly leader: number;
  readonly content: string;
}

export function blockOn(
  parent: BlockHeader,
  { view, leader, content }: SimulatedContent,
): BlockHeader {
  const id = `${content} in ${view} by ${leader} on ${fold(parent.id)}` as Digest;
  return {
    id,
    view,
    height: parent.height + 1,
    parent: parent.id,
    parentView: parent.view,
    leader,
  };
}

/** FNV-1a, so that ids do not grow with the chain. */
function fold(text: string): string {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  }
  return (state >>> 0).toString(16);
}
