// How long a site keeps the secrets of a session that does not move. Time that the coordinator is
// away does not count at first: it comes back and goes on.

import type { Cancel, Clock } from '@starling/shared';

/** Phases' times for which a coordinator that is connected may say nothing. */
const SILENT_PHASES_MAX = 4;
/** After this without a new phase the secrets go, wherever the coordinator is. */
const AWAY_MAX_MS = 3_600_000;

export class SessionPatience {
  readonly #clock: Clock;
  readonly #isConnected: () => boolean;
  #cancel: Cancel = () => undefined;

  /** @param isConnected whether there is a connection to the coordinator now */
  constructor(clock: Clock, isConnected: () => boolean) {
    this.#clock = clock;
    this.#isConnected = isConnected;
  }

  /** Starts anew; calls `onEnd` once when patience ends before it is started again or stopped. */
  start(phaseWithinMs: number, onEnd: () => void): void {
    this.stop();
    const sinceMs = this.#clock.monotonicMs();
    let silent = 0;
    this.#cancel = this.#clock.every(phaseWithinMs, () => {
      silent = this.#isConnected() ? silent + 1 : 0;
      const awayMs = this.#clock.monotonicMs() - sinceMs;
      if (silent < SILENT_PHASES_MAX && awayMs < AWAY_MAX_MS) return;
      this.stop();
      onEnd();
    });
  }

  stop(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }
}
