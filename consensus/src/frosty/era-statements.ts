// The stall statements of the present even era: those of others, and what this member says itself.

import { faultTolerance } from '../quorum.ts';
import type { FrostyEffect } from './effect.ts';
import { periodOf } from './era.ts';
import { type CastStart, StallBook, type StatementOutcome } from './stall-book.ts';
import type { CastStatement, StallStatement, StartingVote } from './statement.ts';

/** A member counts as stuck for this many repeats after it last said so. */
const STUCK_REPEATS = 6;

type Said<Proof> = Extract<
  FrostyEffect<Proof>,
  {
    readonly kind: 'state' | 'repeat-statement' | 'statement-evidence' | 'twin-statement';
  }
>;

interface StatementsSetting<Proof> {
  readonly members: number;
  readonly self: number | undefined;
  readonly repeatMs: number;
  /** Own starting votes that the journal holds, by era. */
  readonly starts: ReadonlyMap<number, StartingVote>;
  readonly tell: (effect: Said<Proof>) => void;
}

/** Invariant: one starting vote of our own per era, and none when one may have been forgotten. */
export class EraStatements<Proof> {
  readonly #setting: StatementsSetting<Proof>;
  #era: number;
  #book: StallBook<Proof>;
  #own: StallStatement | undefined;
  #isStuck = false;
  #isTwin = false;
  /** Nothing is signed in the eras up to that of this view: a journal was rolled back. */
  #silentUntil = 0;

  constructor(setting: StatementsSetting<Proof>, era: number) {
    this.#setting = setting;
    this.#era = era;
    this.#book = this.#newBook();
    this.#own = this.#written(era);
  }

  /** A starting vote stands in this era: polls are over. */
  get hasHalted(): boolean {
    return this.#own !== undefined;
  }

  get isStuck(): boolean {
    return this.#isStuck;
  }

  get isTwin(): boolean {
    return this.#isTwin;
  }

  enter(era: number): void {
    this.#era = era;
    this.#own = this.#written(era);
    this.#isStuck = false;
    this.#book = this.#newBook();
  }

  observeUntil(view: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, view);
  }

  /** Do more than F members say that they are stuck, so that an honest one is? */
  shouldHalt(nowMs: number): boolean {
    return this.#book.stalled(nowMs) > faultTolerance(this.#setting.members);
  }

  starts(): readonly CastStart<Proof>[] {
    return this.#book.starts();
  }

  record(cast: CastStatement<Proof>, nowMs: number): StatementOutcome {
    const { voter, statement } = cast;
    const isOwn = voter === this.#setting.self;
    const isStart = statement.start !== undefined && statement.era === this.#era;
    if (isOwn && isStart && this.#own === undefined) {
      if (!this.#isSilent()) this.#stopAsTwin(cast);
      return 'unknown-own-statement';
    }
    const outcome = this.#book.record(cast, nowMs);
    const first = outcome === 'equivocation' ? this.#book.contradicted(cast) : undefined;
    if (first === undefined) return outcome;
    this.#setting.tell({ kind: 'statement-evidence', voter, first, second: cast });
    if (isOwn) this.#stopAsTwin(cast);
    return outcome;
  }

  /** Polls decide nothing here. */
  sayStuck(): void {
    if (this.#isStuck || !this.#maySpeak()) return;
    this.#isStuck = true;
    this.#setting.tell({ kind: 'state', statement: { era: this.#era, start: undefined } });
  }

  notStuck(): void {
    this.#isStuck = false;
  }

  /** Polls are halted, for good in this era. */
  state(start: StartingVote): void {
    if (this.#own !== undefined || !this.#maySpeak() || this.#isSilent()) return;
    this.#own = { era: this.#era, start };
    this.#setting.tell({ kind: 'state', statement: this.#own });
  }

  repeat(): void {
    if (!this.#maySpeak()) return;
    const stuck: StallStatement = { era: this.#era, start: undefined };
    const statement = this.#own ?? (this.#isStuck ? stuck : undefined);
    if (statement !== undefined) this.#setting.tell({ kind: 'repeat-statement', statement });
  }

  #written(era: number): StallStatement | undefined {
    const start = this.#setting.starts.get(era);
    return start && { era, start };
  }

  #maySpeak(): boolean {
    return this.#setting.self !== undefined && !this.#isTwin;
  }

  #isSilent(): boolean {
    return this.#silentUntil > 0 && periodOf(this.#silentUntil).era >= this.#era;
  }

  #stopAsTwin(cast: CastStatement<Proof>): void {
    if (this.#isTwin) return;
    this.#isTwin = true;
    this.#setting.tell({ kind: 'twin-statement', cast });
  }

  #newBook(): StallBook<Proof> {
    const stuckMs = STUCK_REPEATS * this.#setting.repeatMs;
    return new StallBook(this.#setting.members, this.#era, stuckMs);
  }
}
