// A binary min-heap of entries; complement them for a max-heap. Key and slot are compared as one
// integer, so equal keys have an order too and every run is the same.

import { entryAt, putEntry } from './regions';

export function heapPush(heap: usize, length: i32, entry: u64): void {
  let hole = length;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = entryAt(heap, parent);
    if (above <= entry) break;
    putEntry(heap, hole, above);
    hole = parent;
  }
  putEntry(heap, hole, entry);
}

/** Puts an entry in the place of the smallest of `length`. */
export function heapReplaceTop(heap: usize, length: i32, entry: u64): void {
  let hole = 0;
  for (let child = 1; child < length; child = (hole << 1) + 1) {
    let below = entryAt(heap, child);
    if (child + 1 < length) {
      const right = entryAt(heap, child + 1);
      if (right < below) {
        below = right;
        child++;
      }
    }
    if (below >= entry) break;
    putEntry(heap, hole, below);
    hole = child;
  }
  putEntry(heap, hole, entry);
}

/** Removes the smallest of `length` entries; one less remain. */
export function heapPop(heap: usize, length: i32): void {
  heapReplaceTop(heap, length - 1, entryAt(heap, length - 1));
}
