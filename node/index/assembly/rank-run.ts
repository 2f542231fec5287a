// Rank keys of rows that lie anywhere in the memory, without a directory of regions.

import { rankKey } from './rank';
import { rowBytes } from './regions';

/** Writes the keys (u32) of `count` rows that lie back to back from `rows` on. */
export function rankRun(query: usize, rows: usize, count: i32, keys: usize): void {
  for (let i = 0; i < count; i++, rows += rowBytes) {
    store<u32>(keys + ((<usize>i) << 2), rankKey(query, rows));
  }
}

/** Writes the keys (u32) of the rows at `count` positions (i32), counted from `rows`. */
export function rankSome(
  query: usize,
  rows: usize,
  positions: usize,
  count: i32,
  keys: usize,
): void {
  for (let i = 0; i < count; i++) {
    const at = (<usize>i) << 2;
    const row = rows + <usize>load<i32>(positions + at) * rowBytes;
    store<u32>(keys + at, rankKey(query, row));
  }
}
