// The pool that neighbours are chosen from: entries by their rank to one centre, nearest first.

import {
  DEGREES,
  DIVERSE_BEFORE,
  DIVERSE_DEGREES,
  FOUND,
  LINKS,
  POOL,
  ROW_OF_SLOT,
  SLOTS,
} from '../src/memory/memory-map';
import { rankKey } from './rank';
import {
  degreeMaxOf,
  entryAt,
  entryOf,
  keyOf,
  layerRegion,
  putEntry,
  region,
  rowAt,
} from './regions';

/** Fills the pool with what the last search found. */
export function poolFound(foundCount: i32): void {
  memory.copy(region(POOL), region(FOUND), (<usize>foundCount) << 3);
}

/** Fills the pool with every target of a slot and what is known of its diversity. */
export function poolTargets(level: i32, from: i32): i32 {
  const row = load<i32>(layerRegion(level, ROW_OF_SLOT) + ((<usize>from) << 2));
  const degree = load<i32>(layerRegion(level, DEGREES) + ((<usize>row) << 2));
  const diverse = load<i32>(layerRegion(level, DIVERSE_DEGREES) + ((<usize>row) << 2));
  const links = layerRegion(level, LINKS) + ((<usize>(row * degreeMaxOf(level))) << 2);
  for (let i = 0; i < degree; i++) {
    insertSorted(from, load<i32>(links + ((<usize>i) << 2)), i < diverse ? DIVERSE_BEFORE : 0, i);
  }
  return degree;
}

/** Adds the first `count` of SLOTS to a pool of `poolCount` entries. */
export function poolSlots(centre: i32, count: i32, poolCount: i32): void {
  const slots = region(SLOTS);
  for (let i = 0; i < count; i++) {
    insertSorted(centre, load<i32>(slots + ((<usize>i) << 2)), 0, poolCount + i);
  }
}

/** Writes the keys of `count` rows from `first` on, compared with the row at `query`, to `keys`. */
export function rankRows(query: usize, first: i32, count: i32, keys: usize): void {
  for (let i = 0; i < count; i++) {
    store<u32>(keys + ((<usize>i) << 2), rankKey(query, rowAt(first + i)));
  }
}

// Behind all entries that are not farther.
function insertSorted(centre: i32, slot: i32, flags: i32, length: i32): void {
  const pool = region(POOL);
  const key = rankKey(rowAt(centre), rowAt(slot));
  let hole = length;
  while (hole > 0) {
    const before = entryAt(pool, hole - 1);
    if (keyOf(before) <= key) break;
    putEntry(pool, hole, before);
    hole--;
  }
  putEntry(pool, hole, entryOf(key, slot | flags));
}
