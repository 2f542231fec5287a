// The digest of a whole state. Records were digested when they were made, so this hashes 64 bytes
// for each of them.

import { type Digest, encodeCanonical } from '@starling/shared';
import type { ChainState, Kept } from './chain-state.ts';
import type { DigestOf } from './membership.ts';

/** The root of a state, the same for equal states however they came about. */
export function stateRootOf(state: ChainState, digestOf: DigestOf): Digest {
  return digestOf(rootInput(state));
}

function rootInput(state: ChainState): Uint8Array {
  const { books, collection, epoch, genesis, membership, modelFloor, next, previous } = state;
  return encodeCanonical({
    books: { ...books },
    collection,
    epoch,
    genesis,
    height: state.tip.height,
    membership: membership.digest,
    modelFloor,
    models: leavesOf(state.models),
    next: next === undefined ? null : next.membership.digest,
    patterns: leavesOf(state.patterns),
    previous: previous?.digest ?? null,
    settings: leavesOf(state.settings),
  });
}

/** Digests have one length, so their sequence is unambiguous. */
function leavesOf(records: ReadonlyMap<string, Kept<unknown>>): string {
  const leaves = [...records.values()].map(({ leaf }) => leaf);
  return leaves.sort().join('');
}
