// A clock moved by hand, so that a test of hours takes milliseconds and gives the same order twice.

import type { Cancel, Clock } from '@starling/shared';
import { sleepOn } from './system-clock.ts';

interface Timer {
  dueMs: number;
  /** Ties are run in the order in which they were set. */
  readonly order: number;
  readonly run: () => void;
}

/** 2027-01-01T00:00:00Z, where a manual clock starts unless told otherwise. */
export const MANUAL_CLOCK_START_MS = 1_798_761_600_000;

/** Time stands still until {@link advance}. */
export class ManualClock implements Clock {
  #startMs: number;
  #elapsedMs = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs: number = MANUAL_CLOCK_START_MS) {
    this.#startMs = startMs;
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Number of timers that are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Moves time by `ms`, running every timer that falls due in order of its instant. Between two
   * timers the event loop turns once, so that promises which a timer settled have had their say.
   */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await turn();
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#timers.delete(next);
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      next.run();
      await turn();
    }
    this.#elapsedMs = endMs;
  }

  /** Sets the wall clock forward or back, as a correction does; timers and durations go on. */
  shift(byMs: number): void {
    this.#startMs += byMs;
  }

  after(delayMs: number, action: () => void): Cancel {
    const timer = this.#set(this.#elapsedMs + Math.max(0, delayMs), action);
    return () => void this.#timers.delete(timer);
  }

  every(periodMs: number, action: () => void | Promise<void>): Cancel {
    if (!(periodMs > 0)) throw new RangeError(`periodMs > 0 is violated by ${periodMs}`);
    let isRunning = false;
    let timer: Timer;
    const arm = (dueMs: number): void => {
      timer = this.#set(dueMs, () => {
        arm(dueMs + periodMs);
        if (isRunning) return;
        const result = action();
        if (result === undefined) return;
        isRunning = true;
        void result.finally(() => {
          isRunning = false;
        });
      });
    };
    arm(this.#elapsedMs + periodMs);
    return () => void this.#timers.delete(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  #set(dueMs: number, run: () => void): Timer {
    const timer = { dueMs, order: this.#order++, run };
    this.#timers.add(timer);
    return timer;
  }

  #next(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (first === undefined || isBefore(timer, first)) first = timer;
    }
    return first;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.dueMs === b.dueMs ? a.order < b.order : a.dueMs < b.dueMs;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
