// The best rows of a search by their codes, ranked again by the rows that are in view by now.

import { loadEarly } from './early-load';
import { heapPush } from './entry-heap';
import { rankKey } from './rank';
import { countDistances, entryAt, entryOf, found, results, rowAt, slotOf } from './regions';
import { drainResults } from './search-layer';

const AHEAD: i32 = 4;

/** Ranks the first `count` slots of FOUND against the row at `query`; they alone remain there. */
export function rerank(query: usize, count: i32): void {
  for (let i = 0; i < count; i++) {
    if (i + AHEAD < count) loadEarly(rowAt(slotOf(entryAt(found, i + AHEAD))));
    const slot = slotOf(entryAt(found, i));
    heapPush(results, i, ~entryOf(rankKey(query, rowAt(slot)), slot));
  }
  countDistances(count);
  drainResults(count);
}
