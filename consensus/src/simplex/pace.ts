// When a view gives up, when things are sent again, and when a leader finishes without demand. Holds
// no clock: times are what the caller says.

import { BACKOFF_FACTOR, BACKOFF_STEPS_MAX, type SimplexTimeouts } from './config.ts';
import { ANSWERS_PER_VIEW_MAX } from './limits.ts';

/** Repeats slow down to 8 × `repeatMs` while somebody waits, to 64 × while nobody does. */
const PRESSING_STEPS_MAX = 3;
const CALM_STEPS_MAX = 6;

/** Invariant: without activity and without a prod there is no next time to wake. */
export class Pace {
  readonly #timeouts: SimplexTimeouts;
  #nullifiedInARow = 0;
  #deadlineMs: number | undefined;
  #finishMs: number | undefined;
  #repeatMs: number | undefined;
  #prodMs: number | undefined;
  #repeatedMs = Number.NEGATIVE_INFINITY;
  #isFinishDue = false;
  #isGivenUp = false;
  /** Answers given in this view, and repeats in it. */
  #answers = 0;
  #repeats = 0;
  #isCalm = false;

  constructor(timeouts: SimplexTimeouts) {
    this.#timeouts = timeouts;
  }

  get isRunning(): boolean {
    return this.#repeatMs !== undefined;
  }

  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  enterView(afterNullification: boolean): void {
    this.#nullifiedInARow = afterNullification ? this.#nullifiedInARow + 1 : 0;
    this.#isGivenUp = false;
    this.#answers = 0;
    this.#repeats = 0;
    this.stop();
  }

  /** Something is missing here: sends again after `repeatMs`, then more and more seldom. */
  start(nowMs: number, isPressing: boolean): void {
    this.#prodMs = undefined;
    if (this.#repeatMs !== undefined && !(isPressing && this.#isCalm)) return;
    if (this.#isCalm) this.#repeats = 0;
    this.#isCalm = false;
    const soonMs = nowMs + this.#timeouts.repeatMs;
    this.#repeatMs = Math.min(this.#repeatMs ?? soonMs, soonMs);
  }

  /** Waits for the leader, once per view. Without demand it may take `repeatMs` longer. */
  awaitLeader(nowMs: number, hasDemand: boolean): void {
    if (this.#deadlineMs !== undefined || this.#isGivenUp) return;
    const { viewMs, repeatMs } = this.#timeouts;
    const steps = Math.min(this.#nullifiedInARow, BACKOFF_STEPS_MAX);
    this.#deadlineMs = nowMs + viewMs * BACKOFF_FACTOR ** steps + (hasDemand ? 0 : repeatMs);
    this.#finishMs = nowMs + repeatMs;
  }

  /** There is nothing to wait the leader for. */
  excuseLeader(): void {
    this.#deadlineMs = undefined;
    this.#finishMs = undefined;
    this.#isFinishDue = false;
  }

  /** The view is given up: nothing more to wait for but certificates. */
  giveUp(): void {
    this.excuseLeader();
    this.#isGivenUp = true;
  }

  stop(): void {
    this.excuseLeader();
    this.#repeatMs = undefined;
  }

  /** Someone asks while we are idle: answers, twice as late each time, a few times per view. */
  prod(nowMs: number): void {
    if (this.isRunning || this.#prodMs !== undefined) return;
    if (this.#answers >= ANSWERS_PER_VIEW_MAX) return;
    const intervalMs = this.#timeouts.repeatMs * 2 ** this.#answers;
    this.#prodMs = Math.max(nowMs, this.#repeatedMs + intervalMs);
    this.#answers += 1;
  }

  isOver(nowMs: number): boolean {
    return this.#deadlineMs !== undefined && nowMs >= this.#deadlineMs;
  }

  /** Should the leader finish what others began, without demand of its own? */
  isFinishDue(nowMs: number): boolean {
    if (this.#finishMs !== undefined && nowMs >= this.#finishMs) {
      this.#finishMs = undefined;
      this.#isFinishDue = true;
    }
    return this.#isFinishDue;
  }

  /**
   * True when it is time to send again. The next time is twice as late as the last one within a view:
   * what was sent is on its way, and a crowd that repeats itself only delays it.
   */
  takeRepeat(nowMs: number, isPressing: boolean): boolean {
    const isProdded = this.#prodMs !== undefined && nowMs >= this.#prodMs;
    const isDue = this.#repeatMs !== undefined && nowMs >= this.#repeatMs;
    if (!isProdded && !isDue) return false;
    this.#prodMs = undefined;
    this.#repeatedMs = nowMs;
    if (isDue) {
      const stepsMax = isPressing ? PRESSING_STEPS_MAX : CALM_STEPS_MAX;
      this.#isCalm = !isPressing;
      this.#repeats = Math.min(this.#repeats + 1, stepsMax);
      this.#repeatMs = nowMs + this.#timeouts.repeatMs * 2 ** this.#repeats;
    }
    return true;
  }

  nextMs(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const at of [this.#deadlineMs, this.#finishMs, this.#repeatMs, this.#prodMs]) {
      if (at !== undefined && at < next) next = at;
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }
}
