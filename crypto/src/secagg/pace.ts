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

/** Signatures that are verified between two pauses: 2 ms natively, 15 with the portable library. */
export const SIGNATURES_PER_TURN = 8;

/** Work in small steps: each yields the bytes that it took, and all of them end in a `T`. */
export type Steps<T> = Generator<number, T, void>;

/** Does all steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the steps in turns of `TURN_BYTES` and pauses after each turn. */
export async function inTurns<T>(steps: Steps<T>, pace: Pace): Promise<T> {
  let bytes = 0;
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      bytes += step.value;
      if (bytes < TURN_BYTES) continue;
      bytes = 0;
      await pace.pause();
    }
  } finally {
    // After a rejected pause too, the steps get to wipe what they used.
    steps.return(undefined as T);
  }
}
