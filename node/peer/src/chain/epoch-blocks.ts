// The undecided blocks of an epoch: their bytes, and the state behind each that was worked out.

import { applyBlock, type BlockHeader, type ChainState, claimsOf } from '@starling/consensus';
import { digestOf, type SignatureClaim, type VerificationQueue } from '@starling/crypto';
import type { KeyOf, LedgerRules, ReadBlock } from '@starling/rules';
import type { Checked, Digest, MemberId } from '@starling/shared';
import { checked, refused } from '@starling/shared';

/** Undecided blocks that are kept, beside certified ones. */
export const UNCERTIFIED_BLOCKS_MAX = 64;

export interface KnownBlock {
  readonly read: ReadBlock;
  readonly header: BlockHeader;
  /** As its leader signed it; absent when it was fetched by its name. */
  frame: Uint8Array | undefined;
  state?: ChainState;
  isCertified: boolean;
}

export class EpochBlocks {
  readonly #rules: LedgerRules;
  readonly #queue: VerificationQueue;
  readonly #decided: () => ChainState;
  readonly #blocks = new Map<Digest, KnownBlock>();
  readonly #uncertifiedMax: number;

  constructor(
    rules: LedgerRules,
    queue: VerificationQueue,
    decided: () => ChainState,
    uncertifiedMax: number = UNCERTIFIED_BLOCKS_MAX,
  ) {
    this.#uncertifiedMax = uncertifiedMax;
    this.#rules = rules;
    this.#queue = queue;
    this.#decided = decided;
  }

  get(id: Digest): KnownBlock | undefined {
    return this.#blocks.get(id);
  }

  get size(): number {
    return this.#blocks.size;
  }

  /** The frame of a block of this view by this leader, to be told again. */
  ofLeader(view: number, leader: number): KnownBlock | undefined {
    for (const known of this.#blocks.values()) {
      if (known.header.view === view && known.header.leader === leader) return known;
    }
    return undefined;
  }

  add(read: ReadBlock, header: BlockHeader, frame: Uint8Array | undefined): KnownBlock {
    const before = this.#blocks.get(read.id);
    if (before !== undefined) {
      before.frame ??= frame;
      return before;
    }
    const known: KnownBlock = { read, header, frame, isCertified: false };
    this.#blocks.set(read.id, known);
    this.#trim();
    return known;
  }

  certified(id: Digest): void {
    const known = this.#blocks.get(id);
    if (known !== undefined) known.isCertified = true;
  }

  /** The engine has no use for it. */
  drop(id: Digest): void {
    this.#blocks.delete(id);
  }

  /** Forgets what a decision left behind. */
  decided(view: number): void {
    for (const [id, { header }] of this.#blocks) if (header.view <= view) this.#blocks.delete(id);
  }

  /** The state behind a block that is decided, or certified with all before it. */
  stateBehind(id: Digest): ChainState | undefined {
    const base = this.#decided();
    const path: KnownBlock[] = [];
    let at = id;
    while (at !== base.tip.id) {
      const known = this.#blocks.get(at);
      if (known === undefined) return undefined;
      if (known.state !== undefined) break;
      path.push(known);
      at = known.read.block.parent;
    }
    let state = at === base.tip.id ? base : this.#blocks.get(at)?.state;
    for (const known of path.reverse()) {
      if (state === undefined) return undefined;
      const applied = applyBlock(state, known.read.block, this.#rules.certified);
      if (!applied.ok) return undefined;
      state = applied.value;
      known.state = state;
    }
    return state;
  }

  /**
   * Judges a block on its parent, whose state is known: verifies what is signed inside, then applies
   * it. `busy` says nothing about the block.
   */
  async judge(id: Digest): Promise<Checked<ChainState>> {
    const known = this.#blocks.get(id);
    const before = known === undefined ? undefined : this.stateBehind(known.read.block.parent);
    if (known === undefined || before === undefined) {
      return refused('unknown-block', 'its parent is not known');
    }
    const keyOf = keysOf(before);
    const claims = this.#claims(known.read, keyOf);
    if (!claims.ok) return claims;
    const answer = await this.#queue.checkAll(claims.value);
    if (answer === 'busy') return refused('busy', 'too many signatures wait to be verified');
    if (answer === 'false') return refused('bad-signature', 'a signature inside does not hold');
    const applied = applyBlock(before, known.read.block, this.#rules.verified(keyOf));
    if (applied.ok) known.state = applied.value;
    return applied;
  }

  #claims({ block }: ReadBlock, keyOf: KeyOf): Checked<readonly SignatureClaim[]> {
    const claims: SignatureClaim[] = [];
    for (const signed of claimsOf(block, digestOf)) {
      const claim = this.#rules.claim(signed, keyOf);
      if (claim === undefined) return refused('unknown-sender', `${signed.member} is no member`);
      claims.push(claim);
    }
    return checked(claims);
  }

  /** Certified blocks stay: a decision may come to stand on them. */
  #trim(): void {
    const others = [...this.#blocks.values()].filter(({ isCertified }) => !isCertified);
    if (others.length <= this.#uncertifiedMax) return;
    const [oldest] = others.sort((a, b) => a.header.view - b.header.view);
    if (oldest !== undefined) this.#blocks.delete(oldest.read.id);
  }
}

/** Keys of those whose signatures an entry of the next block may carry. */
export function keysOf({ membership, previous }: ChainState): KeyOf {
  const all = [...(previous?.members ?? []), ...membership.members];
  const keys = new Map<MemberId, Uint8Array>(all.map((each) => [each.member, each.publicKey]));
  return (member) => keys.get(member);
}
