// The pool that neighbours are chosen from: entries by their rank to one centre, nearest first.

import { DIVERSE_BEFORE } from '../src/memory/memory-map';
import { loadEarly } from './early-load';
import { degreeOf, diverseDegreeOf, listAt } from './link-lists';
import { visit } from './marks';
import { rankKey } from './rank';
import {
  countDistances,
  entryAt,
  entryOf,
  found,
  intAt,
  isPresent,
  keyOf,
  pool,
  putEntry,
  rowAt,
  slotOf,
} from './regions';

/** Fills the pool with what the last search found; returns the number. */
export function poolFound(foundCount: i32): i32 {
  memory.copy(pool, found, (<usize>foundCount) << 3);
  return foundCount;
}

/** The same without one slot; marks those that it takes. */
export function poolFoundBut(slot: i32, foundCount: i32): i32 {
  let count = 0;
  for (let i = 0; i < foundCount; i++) {
    const entry = entryAt(found, i);
    if (slotOf(entry) == slot) continue;
    visit(slotOf(entry));
    putEntry(pool, count++, entry);
  }
  return count;
}

/** Adds the targets of a slot that are in the graph and not marked, and their known diversity. */
export function poolTargets(level: i32, from: i32, poolCount: i32): i32 {
  const list = listAt(level, from);
  const degree = degreeOf(level, from);
  const diverse = diverseDegreeOf(level, from);
  for (let i = 0; i < degree; i++) loadEarly(rowAt(intAt(list, i)));
  let count = poolCount;
  for (let i = 0; i < degree; i++) {
    const target = intAt(list, i);
    if (!isPresent(target) || !visit(target)) continue;
    poolSlot(from, target, count++, i < diverse ? DIVERSE_BEFORE : 0);
  }
  return count;
}

/** Adds those of `count` slots that are in the graph and not marked. */
export function poolSlots(centre: i32, slots: usize, count: i32, poolCount: i32): i32 {
  let total = poolCount;
  for (let i = 0; i < count; i++) {
    const slot = intAt(slots, i);
    if (isPresent(slot) && visit(slot)) poolSlot(centre, slot, total++, 0);
  }
  return total;
}

/** Adds a slot behind all entries of the pool that are not farther from the centre. */
export function poolSlot(centre: i32, slot: i32, poolCount: i32, flags: i32): void {
  const key = rankKey(rowAt(centre), rowAt(slot));
  countDistances(1);
  let hole = poolCount;
  while (hole > 0) {
    const before = entryAt(pool, hole - 1);
    if (keyOf(before) <= key) break;
    putEntry(pool, hole, before);
    hole--;
  }
  putEntry(pool, hole, entryOf(key, slot | flags));
}
