// The machine's clock behind the Clock port.

import type { Cancel, Clock } from '@starling/shared';

/** Longest delay a Node timer takes; longer waits are cut into pieces of this length. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface SystemClockOptions {
  /** Added to the machine's time of day, to test clocks that are wrong; 0 when absent. */
  readonly offsetMs?: number;
  /** Its timers do not keep the process alive by themselves. */
  readonly unref?: boolean;
}

export class SystemClock implements Clock {
  readonly #offsetMs: number;
  readonly #unref: boolean;

  constructor({ offsetMs = 0, unref = false }: SystemClockOptions = {}) {
    this.#offsetMs = offsetMs;
    this.#unref = unref;
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }

  monotonicMs(): number {
    return performance.now();
  }

  after(delayMs: number, action: () => void): Cancel {
    const dueMs = this.monotonicMs() + delayMs;
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const leftMs = Math.max(0, dueMs - this.monotonicMs());
      timer = setTimeout(() => (leftMs > TIMER_MS_MAX ? arm() : action()), clamp(leftMs));
      if (this.#unref) timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  }

  every(periodMs: number, action: () => void | Promise<void>): Cancel {
    let isRunning = false;
    const timer = setInterval(() => {
      if (isRunning) return;
      const result = action();
      if (result === undefined) return;
      isRunning = true;
      const end = () => {
        isRunning = false;
      };
      // A failed turn is the action's to report; the next turn comes all the same.
      void result.then(end, end);
    }, clamp(periodMs));
    if (this.#unref) timer.unref();
    return () => clearInterval(timer);
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }
}

/** `Clock.sleep` in terms of `Clock.after`, for every clock. */
export function sleepOn(
  clock: Pick<Clock, 'after'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function clamp(delayMs: number): number {
  return Math.min(Math.max(0, Math.ceil(delayMs)), TIMER_MS_MAX);
}
