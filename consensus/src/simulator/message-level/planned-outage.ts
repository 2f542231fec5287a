// Faults at fixed times, beside those that a run draws: who crashes, and who is behind a cut.

import type { Outage } from '../identified-peers.ts';
import type { Xoshiro128 } from '../xoshiro.ts';
import { sample } from './sample.ts';

/** Honest members, by lot, that are gone during an outage. */
export function crashedOf(
  random: Xoshiro128,
  honest: readonly number[],
  { share }: Outage,
): readonly number[] {
  const count = Math.floor(share * honest.length + 1e-9);
  return sample(random, honest.length, count).map((at) => honest[at] as number);
}

/** By member, on which side of a cut it is: a share of all, by lot, is on side 1. */
export function sidesOf(random: Xoshiro128, members: number, { share }: Outage): Uint8Array {
  const sides = new Uint8Array(members);
  for (const member of sample(random, members, Math.floor(share * members + 1e-9))) {
    sides[member] = 1;
  }
  return sides;
}
