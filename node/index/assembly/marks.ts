// Which slots the current walk has seen: a byte per slot that holds the number of the walk.

import { marks, slotCount } from './regions';

const EPOCH_MAX: i32 = 0xff;
let epoch: i32 = 0;

/** Forgets everything. */
export function startWalk(): void {
  if (epoch == EPOCH_MAX) {
    memory.fill(marks, 0, <usize>slotCount());
    epoch = 0;
  }
  epoch++;
}

/** What a slot that this walk has seen is marked with. */
export function currentEpoch(): i32 {
  return epoch;
}

/** Marks a slot and says whether this was its first visit. */
export function visit(slot: i32): bool {
  const mark = marks + <usize>slot;
  if (<i32>load<u8>(mark) == epoch) return false;
  store<u8>(mark, <u8>epoch);
  return true;
}
