// The machine's clock behind the Clock port.

import type { Cancel, Clock } from '@starling/shared';

/** Longest delay a Node timer takes; longer waits are cut into pieces of this length. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Reads the machine; with `unref`, its timers do not keep the process alive by themselves. */
export class SystemClock implements Clock {
  readonly #unref: boolean;

  constructor(options: { readonly unref?: boolean } = {}) {
    this.#unref = options.unref ?? false;
  }

  nowMs(): number {
    return Date.now();
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
