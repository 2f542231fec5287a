// Who takes part: which leaders are not worth waiting for, and how many members are further than us.

import { INACTIVE_AFTER_VIEWS } from './config.ts';
import type { VotingPower } from './voting-power.ts';

/** Invariant: when more than F weight looks inactive nobody is skipped, so some honest leader leads. */
export class Participation {
  readonly #power: VotingPower;
  readonly #lastView: Float64Array;
  readonly #liars: Uint8Array;
  #inactive: ReadonlySet<number> = new Set();

  constructor(power: VotingPower, rootView: number) {
    this.#power = power;
    this.#lastView = new Float64Array(power.weights.length).fill(rootView);
    this.#liars = new Uint8Array(power.weights.length);
  }

  sawVote(voter: number, view: number): void {
    if (view > (this.#lastView[voter] ?? 0)) this.#lastView[voter] = view;
  }

  sawLie(voter: number): void {
    this.#liars[voter] = 1;
  }

  setInactive(voters: ReadonlySet<number>): void {
    this.#inactive = voters;
  }

  /** Is this leader not worth waiting for in `view`? */
  isSkipped(leader: number, view: number): boolean {
    if (!this.#looksInactive(leader, view)) return false;
    let weight = 0;
    for (const [voter, own] of this.#power.weights.entries()) {
      if (this.#looksInactive(voter, view)) weight += own;
    }
    return weight <= this.#power.tolerated;
  }

  /** Do more than F vote in later views, so that an honest one is there? */
  isBehind(view: number): boolean {
    let weight = 0;
    for (const [voter, last] of this.#lastView.entries()) {
      if (last > view) weight += this.#power.weights[voter] ?? 0;
    }
    return weight > this.#power.tolerated;
  }

  #looksInactive(voter: number, view: number): boolean {
    return (
      this.#liars[voter] === 1 ||
      this.#inactive.has(voter) ||
      (this.#lastView[voter] ?? 0) < view - INACTIVE_AFTER_VIEWS
    );
  }
}
