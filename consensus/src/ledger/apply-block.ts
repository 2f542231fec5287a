// The state machine: a state, a block, and the state behind it or the reason why there is none.

import {
  BLOCK_BYTES_MAX,
  type CborValue,
  type ChainBlock,
  type ChainEntry,
  type Checked,
  checked,
  type Digest,
  ENTRIES_MAX,
  encodeCanonical,
  type MemberId,
  type Refusal,
  refusal,
  refused,
} from '@starling/shared';
import type { BlockHeader } from '../simplex/vote.ts';
import { headerOf } from './block-header.ts';
import type { ChainState } from './chain-state.ts';
import { type BlockRules, include } from './inclusion.ts';
import { StateDraft } from './state-change.ts';
import { stateRootOf } from './state-root.ts';

/**
 * The state behind a block. Everything is checked but who leads its view and who voted for it. A
 * block behind the one that ended the epoch holds no entries: it only helps to decide that one, and
 * the next epoch begins without it. Never throws for a block of the right shape.
 */
export function applyBlock(
  state: ChainState,
  block: ChainBlock,
  rules: BlockRules,
): Checked<ChainState> {
  const objection = placeObjection(state, block);
  if (objection !== undefined) return { ok: false, refusal: objection };
  const bytes = encodeCanonical(block as CborValue);
  if (bytes.byteLength > BLOCK_BYTES_MAX || block.entries.length > ENTRIES_MAX) {
    return refused('oversized', `${bytes.byteLength} bytes, ${block.entries.length} entries`);
  }
  const header = headerOf(block, rules.digestOf(bytes), state.membership);
  if (header === undefined) return refused('unknown-sender', `${block.leader} is no member`);
  const draft = new StateDraft(state);
  for (const [i, entry] of block.entries.entries()) {
    const fault = include(entry, draft, rules);
    if (fault !== undefined) return refused(fault.reason, `entry ${i}: ${fault.detail}`);
  }
  const behind = settled(draft.state, state, header);
  const root = stateRootOf(behind, rules.digestOf);
  if (root !== block.stateRoot) return refused('wrong-root', `it gives ${root}`);
  return checked(behind);
}

export interface BlockPlan {
  readonly entries: readonly ChainEntry[];
  readonly leader: MemberId;
  readonly view: number;
}

/** A leader's block on a state, with the root that it gives; refused when an entry is. */
export function buildBlock(
  state: ChainState,
  { entries, leader, view }: BlockPlan,
  rules: BlockRules,
): Checked<ChainBlock> {
  const draft = new StateDraft(state);
  for (const [i, entry] of entries.entries()) {
    const fault = include(entry, draft, rules);
    if (fault !== undefined) return refused(fault.reason, `entry ${i}: ${fault.detail}`);
  }
  const { collection, epoch, membership, tip } = state;
  const height = tip.height + 1;
  const header = { ...tip, height };
  return checked({
    collection,
    entries: [...entries],
    epoch,
    height,
    leader,
    membership: membership.digest,
    parent: tip.id,
    parentView: tip.view,
    stateRoot: stateRootOf(settled(draft.state, state, header), rules.digestOf),
    view,
  });
}

/** The name of a block: the digest of its canonical body. */
export function blockIdOf(block: ChainBlock, rules: Pick<BlockRules, 'digestOf'>): Digest {
  return rules.digestOf(encodeCanonical(block as CborValue));
}

function settled(draft: ChainState, before: ChainState, header: BlockHeader): ChainState {
  const isEnd = before.next === undefined && draft.next !== undefined;
  const next =
    isEnd && draft.next ? { membership: draft.next.membership, tip: header } : draft.next;
  return Object.freeze({ ...draft, next, tip: header });
}

function placeObjection(state: ChainState, block: ChainBlock): Refusal | undefined {
  const { epoch, tip } = state;
  if (block.collection !== state.collection) {
    return refusal('wrong-shape', `a block of ${block.collection}`);
  }
  if (block.epoch < epoch) return refusal('stale-epoch', `epoch ${block.epoch}, now ${epoch}`);
  if (block.epoch > epoch) return refusal('future-epoch', `epoch ${block.epoch}, now ${epoch}`);
  if (block.height !== tip.height + 1) {
    return refusal('wrong-height', `height ${block.height} on ${tip.height}`);
  }
  if (block.parent !== tip.id || block.parentView !== tip.view) {
    return refusal('unknown-block', `its parent is ${block.parent} of view ${block.parentView}`);
  }
  if (block.view <= tip.view) {
    return refusal('stale-round', `view ${block.view} on view ${tip.view}`);
  }
  if (block.membership !== state.membership.digest) {
    return refusal('wrong-shape', `members ${block.membership} do not decide this epoch`);
  }
  return undefined;
}
