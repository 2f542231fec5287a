// Sequence numbers that rise across restarts: never below the clock, never twice the same.

import type { Clock } from './ports/clock.ts';

/** Numbers per millisecond of clock, so that a restarted sender continues above its past. */
const PER_MS = 1000;

export class Sequence {
  readonly #clock: Clock;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The fields that bind an envelope to its place in time. */
  stamp(): { readonly seq: number; readonly nowMs: number } {
    const nowMs = this.#clock.nowMs();
    this.#last = Math.max(this.#last + 1, nowMs * PER_MS);
    return { seq: this.#last, nowMs };
  }
}
