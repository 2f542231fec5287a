// The headers around the last decided block: what this member prefers, and how it gets from there to
// the block that an era starts on.

import type { Digest } from '@starling/shared';
import type { BlockHeader } from '../simplex/vote.ts';
import {
  START_ABOVE_MAX,
  START_BELOW_MAX,
  type StartingBlock,
  type StartingVote,
} from './statement.ts';

/** Undecided headers that are held. */
export const HEADERS_MAX = 8192;
/** Blocks that a member may be behind the start of an era and still walk there. */
export const BLOCKS_BEHIND_MAX = 4096;

export type Relation =
  /** Oldest first, without the decided block. */
  | { readonly kind: 'path'; readonly blocks: readonly BlockHeader[] }
  | { readonly kind: 'missing'; readonly id: Digest }
  | { readonly kind: 'fork' };

/** Invariant: no header up to the decided height; at most `HEADERS_MAX` headers. */
export class HeaderBook {
  readonly #headers = new Map<Digest, BlockHeader>();
  /** The last decided blocks, oldest first. */
  readonly #decided: BlockHeader[];

  constructor(root: BlockHeader) {
    this.#decided = [root];
  }

  get decided(): BlockHeader {
    return this.#decided.at(-1) as BlockHeader;
  }

  get size(): number {
    return this.#headers.size;
  }

  get(id: Digest): BlockHeader | undefined {
    return this.#headers.get(id);
  }

  add(header: BlockHeader): void {
    if (this.#headers.size >= HEADERS_MAX || header.height <= this.decided.height) return;
    this.#headers.set(header.id, header);
  }

  drop(ids: readonly Digest[]): void {
    for (const id of ids) this.#headers.delete(id);
  }

  /** Moves the decided block on along known headers; those beside it are forgotten and returned. */
  decide(ids: readonly Digest[]): Digest[] {
    for (const id of ids) {
      const header = this.#headers.get(id);
      if (header === undefined) continue;
      this.#headers.delete(id);
      this.#decided.push(header);
    }
    this.#decided.splice(0, Math.max(0, this.#decided.length - START_BELOW_MAX - 1));
    const { height } = this.decided;
    const lost = [...this.#headers.values()].filter((header) => header.height <= height);
    this.drop(lost.map(({ id }) => id));
    return lost.map(({ id }) => id);
  }

  /** Forgets all headers but these; gives the others. */
  keepOnly(blocks: readonly BlockHeader[]): Digest[] {
    const kept = new Set(blocks.map(({ id }) => id));
    const lost = [...this.#headers.keys()].filter((id) => !kept.has(id));
    this.drop(lost);
    return lost;
  }

  /** The starting vote of one that prefers `tip`. */
  startingVote(tip: BlockHeader): StartingVote {
    const relation = this.relationTo({ id: tip.id, height: tip.height });
    const above = relation.kind === 'path' ? relation.blocks.slice(0, START_ABOVE_MAX) : [];
    return {
      fromHeight: this.#decided[0]?.height ?? 0,
      ids: [...this.#decided, ...above].map(({ id }) => id),
      decidedHeight: this.decided.height,
    };
  }

  /** How to get from the decided block to another one. */
  relationTo({ id, height }: StartingBlock): Relation {
    const blocks: BlockHeader[] = [];
    const { decided } = this;
    let at = id;
    for (let left = height - decided.height; left > 0; left--) {
      const header = this.#headers.get(at);
      if (blocks.length > BLOCKS_BEHIND_MAX) return { kind: 'fork' };
      if (header === undefined) return { kind: 'missing', id: at };
      if (header.height !== decided.height + left) return { kind: 'fork' };
      blocks.push(header);
      at = header.parent;
    }
    const isAbove = height >= decided.height && at === decided.id;
    return isAbove ? { kind: 'path', blocks: blocks.reverse() } : { kind: 'fork' };
  }
}
