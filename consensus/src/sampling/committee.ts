// The committee of an epoch: seats drawn by weight from a seed that everyone knows, so everyone
// elects the same one. Above 128 voters the committee signs and the others follow certificates.

import { Mt19937 } from './mt19937.ts';
import { WeightedSampler } from './weighted-sampler.ts';

/** Up to this many voters all of them sign. */
export const COMMITTEE_SIZE = 128;

export interface CommitteeSeat<Member> {
  readonly member: Member;
  /** Units of weight drawn: what the member's vote counts in this epoch. */
  readonly seats: number;
}

/**
 * Draws `size` units of weight without replacement and gives each owner as many seats; sorted by
 * the members' order. With equal weights of 1 it is `size` different members. Seats Byzantine in
 * number are hypergeometric in the Byzantine weight. Everyone when the total weight is below `size`.
 * @throws {RangeError} when members and weights differ in number, or the seed is empty.
 */
export function electCommittee<Member>(
  members: readonly Member[],
  weights: readonly number[],
  seed: Uint8Array,
  size = COMMITTEE_SIZE,
): CommitteeSeat<Member>[] {
  if (members.length !== weights.length) {
    throw new RangeError(`${members.length} members with ${weights.length} weights`);
  }
  const sampler = new WeightedSampler(new Mt19937(wordsOf(seed)), weights);
  const drawn = sampler.sample(Math.min(size, sampler.totalWeight)) ?? [];
  const seats = new Map<number, number>();
  for (const index of drawn) seats.set(index, (seats.get(index) ?? 0) + 1);
  return members.flatMap((member, index) => {
    const count = seats.get(index) ?? 0;
    return count === 0 ? [] : [{ member, seats: count }];
  });
}

/** Little-endian words; the last one is filled up with zeros. */
function wordsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(4 * i, 4 * i + 4);
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  });
}
