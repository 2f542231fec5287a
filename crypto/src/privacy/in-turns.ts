// Long loops in turns, so that the event loop stays free while a large update is made private.

import type { Pace } from '../secagg/pace.ts';

/** Calls `work` with one slice of 0 … `total` after the other, and pauses after each `perTurn` long. */
export async function inTurns(
  total: number,
  perTurn: number,
  pace: Pace,
  work: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < total; from += perTurn) {
    work(from, Math.min(total, from + perTurn));
    if (total - from >= perTurn) await pace.pause();
  }
}
