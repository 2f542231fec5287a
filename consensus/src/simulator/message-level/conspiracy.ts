// What Byzantine members share: which half of the others is told what, and the blocks they agreed on.

import type { BlockHeader } from '../../simplex/vote.ts';
import type { Xoshiro128 } from '../xoshiro.ts';
import { sample } from './sample.ts';

/** The choices of a view, one for each half; the same one twice when only one is known. */
export interface Choices {
  readonly blocks: readonly [BlockHeader, BlockHeader];
}

export class Conspiracy {
  readonly members: ReadonlySet<number>;
  /** The others, in two halves of equal size but one. */
  readonly halves: readonly [readonly number[], readonly number[]];
  readonly others: readonly number[];
  readonly #listeners: ((block: BlockHeader) => void)[] = [];
  readonly #choices = new Map<number, Choices>();

  constructor(total: number, members: ReadonlySet<number>, random: Xoshiro128) {
    this.members = members;
    const shuffled = sample(random, total, total).filter((member) => !members.has(member));
    const middle = Math.ceil(shuffled.length / 2);
    this.others = shuffled;
    this.halves = [shuffled.slice(0, middle), shuffled.slice(middle)];
  }

  /** 0 or 1; members of the conspiracy belong to none and are given 0. */
  halfOf(member: number): 0 | 1 {
    return this.halves[1].includes(member) ? 1 : 0;
  }

  join(listener: (block: BlockHeader) => void): void {
    this.#listeners.push(listener);
  }

  /** Members hear of each other's blocks at once. */
  tell(block: BlockHeader): void {
    for (const listener of this.#listeners) listener(block);
  }

  /** The first to see or to make the blocks of a view says which they are. */
  agree(view: number, first: BlockHeader, second: BlockHeader = first): Choices {
    const known = this.#choices.get(view);
    if (known !== undefined) return known;
    const choices: Choices = { blocks: [first, second] };
    this.#choices.set(view, choices);
    return choices;
  }
}
