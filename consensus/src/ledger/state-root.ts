// The digest of a whole state. Records were digested when they were made, so this hashes 64 bytes
// for each of them.

import { type Digest, encodeCanonical } from '@starling/shared';
import type { ChainState } from './chain-state.ts';
import type { DigestOf } from './membership.ts';

type Leaves = Iterable<{ readonly leaf: Digest }>;

/** A state as far as its root is about it. */
export interface RootedState
  extends Pick<ChainState, 'books' | 'collection' | 'epoch' | 'genesis' | 'modelFloor'> {
  readonly height: number;
  readonly membership: Digest;
  readonly models: Leaves;
  readonly next: Digest | null;
  readonly patterns: Leaves;
  readonly previous: Digest | null;
  readonly settings: Leaves;
}

/** The root of a state, the same for equal states however they came about. */
export function stateRootOf(state: ChainState, digestOf: DigestOf): Digest {
  return rootOf(
    {
      ...state,
      height: state.tip.height,
      membership: state.membership.digest,
      models: state.models.values(),
      next: state.next?.membership.digest ?? null,
      patterns: state.patterns.values(),
      previous: state.previous?.digest ?? null,
      settings: state.settings.values(),
    },
    digestOf,
  );
}

export function rootOf(state: RootedState, digestOf: DigestOf): Digest {
  const { books, collection, epoch, genesis, height, membership, modelFloor } = state;
  return digestOf(
    encodeCanonical({
      books: { ...books },
      collection,
      epoch,
      genesis,
      height,
      membership,
      modelFloor,
      models: leavesOf(state.models),
      next: state.next,
      patterns: leavesOf(state.patterns),
      previous: state.previous,
      settings: leavesOf(state.settings),
    }),
  );
}

/** Digests have one length, so their sequence is unambiguous. */
function leavesOf(records: Leaves): string {
  return Array.from(records, ({ leaf }) => leaf)
    .sort()
    .join('');
}
