// Headers that the engine holds beside its undecided chain: blocks whose parent or judgement is
// missing, and invalid ones, for which a vote still counts as one for their ancestors.

import type { Digest } from '@starling/shared';
import type { BlockHeader } from '../simplex/vote.ts';

export type BlockState = 'waiting' | 'judging' | 'issued' | 'invalid';

export interface KnownBlock {
  readonly header: BlockHeader;
  state: BlockState;
  /** Polls applied before it was issued. */
  issuedAtPoll: number;
}

/** Blocks that one proposer may have undecided at least, however many members share the room. */
export const BLOCKS_PER_LEADER_MIN = 4;
/** Decided ids that are remembered, so that votes for them fetch nothing. */
export const DECIDED_REMEMBERED_MAX = 512;

/** Invariant: at most `blocksMax` blocks, of each leader no more than its share of them. */
export class KnownBlocks {
  readonly #blocksMax: number;
  readonly #perLeaderMax: number;
  readonly #blocks = new Map<Digest, KnownBlock>();
  readonly #decided = new Set<Digest>();

  constructor(blocksMax: number, members: number) {
    this.#blocksMax = blocksMax;
    this.#perLeaderMax = Math.max(BLOCKS_PER_LEADER_MIN, Math.floor(blocksMax / members));
  }

  get size(): number {
    return this.#blocks.size;
  }

  get(id: Digest): KnownBlock | undefined {
    return this.#blocks.get(id);
  }

  isDecided(id: Digest): boolean {
    return this.#decided.has(id);
  }

  hasRoomFor({ leader }: BlockHeader): boolean {
    if (this.#blocks.size >= this.#blocksMax) return false;
    let held = 0;
    for (const { header } of this.#blocks.values()) if (header.leader === leader) held += 1;
    return held < this.#perLeaderMax;
  }

  add(header: BlockHeader): KnownBlock {
    const block: KnownBlock = { header, state: 'waiting', issuedAtPoll: 0 };
    this.#blocks.set(header.id, block);
    return block;
  }

  /** Another block of the same leader for the same view. */
  rivalOf({ id, leader, view }: BlockHeader): BlockHeader | undefined {
    for (const { header } of this.#blocks.values()) {
      if (header.leader === leader && header.view === view && header.id !== id) return header;
    }
    return undefined;
  }

  /** Blocks in a state that stand on this one. */
  childrenOf(id: Digest, state: BlockState): KnownBlock[] {
    return [...this.#blocks.values()].filter(
      (block) => block.state === state && block.header.parent === id,
    );
  }

  decide(ids: readonly Digest[]): void {
    for (const id of ids) {
      this.#blocks.delete(id);
      this.#decided.add(id);
    }
    for (const id of this.#decided) {
      if (this.#decided.size <= DECIDED_REMEMBERED_MAX) break;
      this.#decided.delete(id);
    }
  }

  /** Drops what can no longer descend from the last accepted block. */
  prune(lastAccepted: BlockHeader): void {
    for (const { header } of this.#blocks.values()) {
      const above = header.height - lastAccepted.height;
      const isDead = above < 1 || (above === 1 && header.parent !== lastAccepted.id);
      if (isDead) this.#blocks.delete(header.id);
    }
  }
}
