// The stall statements of one even era: who is stuck, and where those that halted stand.

import {
  type CastStatement,
  isWellFormedStatement,
  type StartingVote,
  sameStatement,
} from './statement.ts';

/** What became of a statement. Refusals change nothing. */
export type StatementOutcome =
  | 'counted'
  | 'duplicate'
  | 'equivocation'
  | 'unknown-own-statement'
  | 'not-a-member'
  | 'malformed'
  | 'stale-era'
  | 'future-era';

export interface CastStart<Proof> extends CastStatement<Proof> {
  readonly statement: { readonly era: number; readonly start: StartingVote };
}

/** Invariant: per member at most one starting vote, the first, and one time at which it was stuck. */
export class StallBook<Proof> {
  readonly #members: number;
  readonly #era: number;
  /** How long a member counts as stuck after it last said so. */
  readonly #stuckMs: number;
  readonly #starts: (CastStart<Proof> | undefined)[];
  readonly #stuckAtMs: Float64Array;
  readonly #accused = new Set<number>();

  constructor(members: number, era: number, stuckMs: number) {
    this.#members = members;
    this.#era = era;
    this.#stuckMs = stuckMs;
    this.#starts = new Array<CastStart<Proof> | undefined>(members).fill(undefined);
    this.#stuckAtMs = new Float64Array(members).fill(Number.NEGATIVE_INFINITY);
  }

  /** The starting vote that `second` contradicts; undefined when that was told before, or none. */
  contradicted(second: CastStatement<Proof>): CastStart<Proof> | undefined {
    const first = this.#starts[second.voter];
    if (first === undefined || this.#accused.has(second.voter)) return undefined;
    this.#accused.add(second.voter);
    return first;
  }

  /** Takes a statement whose proof holds. */
  record(cast: CastStatement<Proof>, nowMs: number): StatementOutcome {
    const { voter, statement } = cast;
    if (!(Number.isSafeInteger(voter) && voter >= 0 && voter < this.#members)) {
      return 'not-a-member';
    }
    if (!isWellFormedStatement(statement)) return 'malformed';
    if (statement.era !== this.#era) {
      return statement.era < this.#era ? 'stale-era' : 'future-era';
    }
    const { start } = statement;
    const known = this.#starts[voter];
    if (start === undefined) {
      this.#stuckAtMs[voter] = nowMs;
      return 'counted';
    }
    if (known !== undefined) {
      return sameStatement(known.statement, statement) ? 'duplicate' : 'equivocation';
    }
    this.#starts[voter] = { ...cast, statement: { era: statement.era, start } };
    return 'counted';
  }

  /** Members that halted, or said lately that they are stuck. */
  stalled(nowMs: number): number {
    let count = 0;
    for (const [voter, start] of this.#starts.entries()) {
      const isStuck = nowMs - (this.#stuckAtMs[voter] ?? 0) <= this.#stuckMs;
      if (start !== undefined || isStuck) count += 1;
    }
    return count;
  }

  /** Starting votes in ascending order of their voters. */
  starts(): readonly CastStart<Proof>[] {
    return this.#starts.filter((start) => start !== undefined);
  }
}
