// What a member of the engine snow wrote down: it survives a crash.

import type { Digest } from '@starling/shared';
import type { FrostyJournal } from '../../frosty/frosty-config.ts';
import type { DecidedOpening, OpeningBlock } from '../../frosty/opening.ts';
import type { StallStatement, StartingVote } from '../../frosty/statement.ts';
import type { BlockHeader } from '../../simplex/vote.ts';
import type { NoProof } from './message.ts';
import { NodeStore } from './node-store.ts';

export class SnowStore {
  readonly chain: NodeStore;
  readonly openings = new Map<Digest, OpeningBlock<NoProof>>();
  readonly #proposed = new Map<number, BlockHeader>();
  #era = 0;
  #start: StartingVote | undefined;
  /** Of the newest odd era: what is served to those behind. */
  #opened: { readonly era: number; readonly opening: DecidedOpening<NoProof> } | undefined;

  constructor(root: BlockHeader) {
    this.chain = new NodeStore(root);
  }

  get opened(): { readonly era: number; readonly opening: DecidedOpening<NoProof> } | undefined {
    return this.#opened;
  }

  get journal(): FrostyJournal<NoProof> {
    const { journal: votes } = this.chain;
    const isRunning = this.#opened !== undefined && this.#opened.era > this.#era;
    const opening = isRunning ? this.#opened?.opening : undefined;
    const starts = new Map(this.#start === undefined ? [] : [[this.#era, this.#start]]);
    return { era: this.#era, opening, starts, votes };
  }

  /** The first block that was ever made for its view: who restarts does not make another one. */
  proposeOnce(made: BlockHeader): BlockHeader {
    const block = this.#proposed.get(made.view) ?? made;
    this.#proposed.set(block.view, block);
    this.chain.keepBlock(block);
    return block;
  }

  writeStatement({ era, start }: StallStatement): void {
    if (era === this.#era) this.#start = start ?? this.#start;
  }

  isWritten({ start }: StallStatement): boolean {
    return start === undefined || this.#start !== undefined;
  }

  open(era: number, opening: DecidedOpening<NoProof>): void {
    this.#opened = { era, opening };
    if (era - 1 !== this.#era) this.#start = undefined;
    this.#era = era - 1;
    for (const block of opening.blocks) this.openings.set(block.header.id, block);
  }

  enter(era: number): void {
    this.#era = era;
    this.#start = undefined;
  }
}
