// Whose turn it is to propose on the preferred tip: the leader of the view after the tip's, and one
// more view whenever nobody has proposed for a while. Several proposals are no harm, polls choose.

import type { BlockHeader } from '../simplex/vote.ts';

export class Proposer {
  readonly #proposeMs: number;
  readonly #leaderOf: (view: number) => number;
  #tip: BlockHeader;
  #turns = 0;
  /** When the present turn began; undefined while there is nothing to propose. */
  #sinceMs: number | undefined;
  /** The view for which we were asked last. */
  #askedView = 0;

  constructor(tip: BlockHeader, proposeMs: number, leaderOf: (view: number) => number) {
    this.#tip = tip;
    this.#proposeMs = proposeMs;
    this.#leaderOf = leaderOf;
  }

  get view(): number {
    return this.#tip.view + 1 + this.#turns;
  }

  /** Turns that have passed on this tip. */
  get turns(): number {
    return this.#turns;
  }

  get leader(): number {
    return this.#leaderOf(this.view);
  }

  /** Asks again for a view that was declined. */
  forget(): void {
    this.#askedView = 0;
  }

  /** Moves to a tip and through turns; true when `self` is to be asked for a block now. */
  advance(tip: BlockHeader, isNeeded: boolean, self: number | undefined, nowMs: number): boolean {
    if (tip.id !== this.#tip.id) {
      this.#tip = tip;
      this.#turns = 0;
      this.#sinceMs = undefined;
      this.#askedView = 0;
    }
    if (!isNeeded) {
      this.#sinceMs = undefined;
      return false;
    }
    this.#sinceMs ??= nowMs;
    const passed = Math.floor((nowMs - this.#sinceMs) / this.#proposeMs);
    if (passed > 0) {
      this.#turns += passed;
      this.#sinceMs += passed * this.#proposeMs;
    }
    if (this.leader !== self || this.#askedView === this.view) return false;
    this.#askedView = this.view;
    return true;
  }

  nextMs(): number {
    return this.#sinceMs === undefined ? Number.POSITIVE_INFINITY : this.#sinceMs + this.#proposeMs;
  }
}
