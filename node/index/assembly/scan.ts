// Exact search: every live row, or every row of a set, is compared.

import { heapPush, heapReplaceTop } from './entry-heap';
import { rankKey } from './rank';
import { rankKeyWithin } from './rank-within';
import {
  accept,
  alive,
  countDistances,
  entryAt,
  entryOf,
  intAt,
  keyOf,
  queryRow,
  results,
  rowAt,
  slotCount,
} from './regions';
import { drainResults } from './search-layer';

/**
 * The `k` rows nearest to the query in this thread's scratch area, in FOUND; returns their number.
 * With `isFiltered` only slots in ACCEPT are compared.
 */
export function scan(k: i32, isFiltered: bool): i32 {
  const wordCount = (slotCount() + 31) >> 5;
  let count = 0;
  let computed = 0;
  let worst: u32 = u32.MAX_VALUE;
  for (let i = 0; i < wordCount; i++) {
    let bits = intAt(alive, i);
    if (isFiltered) bits &= intAt(accept, i);
    while (bits != 0) {
      const slot = (i << 5) + ctz(bits);
      bits &= bits - 1;
      const key = rankKey(queryRow, rowAt(slot));
      computed++;
      if (count < k) heapPush(results, count++, ~entryOf(key, slot));
      else if (key < worst) heapReplaceTop(results, count, ~entryOf(key, slot));
      else continue;
      worst = keyOf(~entryAt(results, 0));
    }
  }
  countDistances(computed);
  return drainResults(count);
}

/** Writes the keys of `count` rows from `first` on, compared with the row at `query`, to `keys`. */
export function rankRows(query: usize, first: i32, count: i32, keys: usize): void {
  for (let i = 0; i < count; i++) {
    store<u32>(keys + ((<usize>i) << 2), rankKey(query, rowAt(first + i)));
  }
}

/** The same with keys that may be given up beyond `worst`. */
export function rankRowsWithin(
  query: usize,
  first: i32,
  count: i32,
  keys: usize,
  worst: u32,
): void {
  for (let i = 0; i < count; i++) {
    store<u32>(keys + ((<usize>i) << 2), rankKeyWithin(query, rowAt(first + i), worst));
  }
}

/** The key of one row compared with another. */
export function rankSlots(a: i32, b: i32): u32 {
  return rankKey(rowAt(a), rowAt(b));
}
