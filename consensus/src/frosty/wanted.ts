// What a member lacks to go on: blocks on its way to an era's start, and how a later era opened.

import type { Digest } from '@starling/shared';
import type { FrostyEffect } from './effect.ts';

/** Blocks wanted at once: the walk down from a start asks for one after another. */
export const WANTED_MAX = 64;

type Fetch = Extract<FrostyEffect<never>, { kind: 'fetch-block' | 'fetch-era' }>;

export class Wanted {
  readonly #tell: (effect: Fetch) => void;
  readonly #blocks = new Set<Digest>();
  /** Asked for since the last repeat. */
  readonly #asked = new Set<Digest>();
  #askedEra = 0;

  constructor(tell: (effect: Fetch) => void) {
    this.#tell = tell;
  }

  get size(): number {
    return this.#blocks.size;
  }

  askBlock(id: Digest): void {
    if (!this.#blocks.has(id) && this.#blocks.size >= WANTED_MAX) return;
    this.#blocks.add(id);
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    this.#tell({ kind: 'fetch-block', id, holder: undefined });
  }

  /** True when the block was wanted; it is no longer. */
  take(id: Digest): boolean {
    this.#asked.delete(id);
    return this.#blocks.delete(id);
  }

  askEra(era: number): void {
    if (era <= this.#askedEra) return;
    this.#askedEra = era;
    this.#tell({ kind: 'fetch-era', era });
  }

  /** Whatever is still wanted is asked for again, by whoever still wants it. */
  askAgain(): void {
    this.#asked.clear();
    this.#blocks.clear();
    this.#askedEra = 0;
  }
}
