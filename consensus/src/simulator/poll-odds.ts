// In a lock-step round all polls draw from one urn, so the odds of a poll are a matter of how many
// balls have a colour. Computed once per count.

import { hypergeometricTail } from '../bounds/tails.ts';

/** How many balls are drawn and what they must reach, in the words of Snowflake+. */
export interface PollRule {
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
}

/** Above, computing again costs less than remembering. */
const REMEMBERED_MAX = 2 ** 16;

/** Odds of one poll among `balls` peers or units of weight. */
export class PollOdds {
  readonly balls: number;
  readonly #rule: PollRule;
  readonly #preferred: Float64Array;
  readonly #confident: Float64Array;

  constructor(balls: number, rule: PollRule) {
    this.balls = balls;
    this.#rule = rule;
    const remembered = balls <= REMEMBERED_MAX ? balls + 1 : 0;
    this.#preferred = new Float64Array(remembered).fill(Number.NaN);
    this.#confident = new Float64Array(remembered).fill(Number.NaN);
  }

  /** P[at least alphaPreference of k are for a colour that `count` balls have]. */
  preferred(count: number): number {
    return this.#tail(this.#preferred, count, this.#rule.alphaPreference);
  }

  /** P[at least alphaConfidence of k are for a colour that `count` balls have]. */
  confident(count: number): number {
    return this.#tail(this.#confident, count, this.#rule.alphaConfidence);
  }

  #tail(known: Float64Array, count: number, atLeast: number): number {
    const remembered = known[count];
    if (remembered !== undefined && !Number.isNaN(remembered)) return remembered;
    const value = hypergeometricTail(this.balls, count, this.#rule.k, atLeast);
    if (remembered !== undefined) known[count] = value;
    return value;
  }
}
