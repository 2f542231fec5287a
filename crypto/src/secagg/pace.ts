// Long work gives way to the event loop after a bounded amount, counted in bytes: no clock is read.

import { scheduler } from 'node:timers/promises';

/** How long work gives way. A pause that rejects ends the work with its error. */
export interface Pace {
  pause(): Promise<void>;
}

/** Lets everything that waits in the event loop run first. */
export const yieldingPace: Pace = Object.freeze({ pause: () => scheduler.yield() });

/**
 * Bytes of keystream, vector or update that are worked on between two pauses: 0.7 ms here, and
 * well below 20 ms on a slow or busy machine.
 */
export const TURN_BYTES = 1 << 21;

/** Counts what was done since the last pause. */
export class Turn {
  readonly #pace: Pace;
  #bytes = 0;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** Adds work of so many bytes; resolves after a pause when the turn is over. */
  async done(bytes: number): Promise<void> {
    this.#bytes += bytes;
    if (this.#bytes < TURN_BYTES) return;
    this.#bytes = 0;
    await this.#pace.pause();
  }
}
