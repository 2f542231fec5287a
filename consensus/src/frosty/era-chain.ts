// The decided chain as the eras move it on, and what is said about it.

import type { Digest } from '@starling/shared';
import type { BlockHeader } from '../simplex/vote.ts';
import type { Finality, FrostyEffect } from './effect.ts';
import { comparePeriods, periodOf } from './era.ts';
import { HeaderBook, type Relation } from './header-book.ts';
import type { StartingBlock } from './statement.ts';
import { Wanted } from './wanted.ts';

/** Invariant: what was decided is one chain; after a fork nothing is decided any more. */
export class EraChain<Proof> {
  readonly book: HeaderBook;
  readonly wanted: Wanted;
  readonly #tell: (effect: FrostyEffect<Proof>) => void;
  #isForked = false;

  constructor(root: BlockHeader, tell: (effect: FrostyEffect<Proof>) => void) {
    this.book = new HeaderBook(root);
    this.wanted = new Wanted(tell);
    this.#tell = tell;
  }

  get decided(): BlockHeader {
    return this.book.decided;
  }

  get isForked(): boolean {
    return this.#isForked;
  }

  /** The way from the decided block to another; asks for the first block of it that is missing. */
  wayTo(block: StartingBlock): Relation {
    const relation = this.book.relationTo(block);
    if (relation.kind === 'missing') this.wanted.askBlock(relation.id);
    return relation;
  }

  /** The way to the start of an era in which blocks may be decided here already. */
  wayInto(era: number, start: StartingBlock): Relation {
    const { height, view } = this.decided;
    const isInside = comparePeriods(periodOf(view), { era, kind: 'certificates' }) === 0;
    return isInside && height >= start.height ? { kind: 'path', blocks: [] } : this.wayTo(start);
  }

  /** Decides the way to an era's start; everything beside it has lost. */
  startOn(way: readonly BlockHeader[], finality: Finality<Proof>): void {
    this.keepOnly(way);
    this.decide(
      way.map(({ id }) => id),
      finality,
    );
  }

  /** An era may start only on what descends from the decided block; undefined while unknown. */
  mayStartOn(block: StartingBlock): boolean | undefined {
    const { kind } = this.wayTo(block);
    return kind === 'missing' ? undefined : kind === 'path';
  }

  /** Decides blocks, oldest first; those above the era's last height trail and are left out. */
  decide(
    ids: readonly Digest[],
    finality: Finality<Proof>,
    lastHeight: number = Number.POSITIVE_INFINITY,
  ): void {
    const isTrailing = (id: Digest) => {
      const height = this.book.get(id)?.height;
      return height === undefined ? lastHeight < Number.POSITIVE_INFINITY : height > lastHeight;
    };
    const trailing = ids.filter(isTrailing);
    const blocks = ids.filter((id) => !isTrailing(id));
    if (blocks.length === 0) return;
    const lost = this.book.decide(blocks);
    this.#tell({ kind: 'decided', blocks, finality, trailing });
    // The engine snow says itself what it rejects.
    if (finality.kind === 'certificate') this.#reject(lost);
  }

  /** Whatever is undecided and not among these has lost. */
  keepOnly(blocks: readonly BlockHeader[]): void {
    this.#reject(this.book.keepOnly(blocks));
  }

  fork(against: Digest): void {
    if (this.#isForked) return;
    this.#isForked = true;
    this.#tell({ kind: 'forked', decided: this.decided, against });
  }

  #reject(blocks: readonly Digest[]): void {
    if (blocks.length > 0) this.#tell({ kind: 'rejected', blocks });
  }
}
