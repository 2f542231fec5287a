// Spin locks in the shared memory. A thread holds one lock of a slot at a time, so none waits for
// another in a circle.

import { ENTRY_LOCK, LOCK_COUNT } from '../src/memory/memory-map';
import { locks } from './regions';

const SPINS_MAX: i32 = 2000;
const NAP_NS: i64 = 100_000;

export function lockSlot(slot: i32): void {
  acquire(lockOf(slot));
}

export function unlockSlot(slot: i32): void {
  atomic.store<i32>(lockOf(slot), 0);
}

export function lockEntry(): void {
  acquire(ENTRY_LOCK << 2);
}

export function unlockEntry(): void {
  atomic.store<i32>(ENTRY_LOCK << 2, 0);
}

function lockOf(slot: i32): usize {
  return locks + ((<usize>(slot & (LOCK_COUNT - 1))) << 2);
}

// A holder that was put to sleep is not helped by our spinning.
function acquire(lock: usize): void {
  let spins = 0;
  while (atomic.cmpxchg<i32>(lock, 0, 1) != 0) {
    if (++spins < SPINS_MAX) continue;
    atomic.wait<i32>(lock, 1, NAP_NS);
    spins = 0;
  }
}
