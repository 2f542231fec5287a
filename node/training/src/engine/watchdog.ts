// Calls back when nothing was heard for too long.

import { scheduler } from 'node:timers/promises';

export class Watchdog {
  readonly #onSilence: () => void;
  #waiting: AbortController | undefined;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** Waits anew from now on. */
  restart(silenceMs: number): void {
    this.stop();
    const waiting = new AbortController();
    this.#waiting = waiting;
    scheduler.wait(silenceMs, { signal: waiting.signal }).then(
      () => this.#onSilence(),
      () => {},
    );
  }

  stop(): void {
    this.#waiting?.abort();
    this.#waiting = undefined;
  }
}
