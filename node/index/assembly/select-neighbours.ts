// Malkov & Yashunin 2016, Algorithm 4 (SELECT-NEIGHBORS-HEURISTIC) with keepPrunedConnections and
// without extendCandidates, plus links that may not be dropped.

import { DIVERSE_BEFORE, DIVERSE_NOW } from '../src/memory/memory-map';
import { listAt, setDegrees } from './link-lists';
import { rankKeyWithin } from './rank-within';
import {
  chosen,
  countDistances,
  discarded,
  entryAt,
  keyOf,
  pool,
  putEntry,
  putInt,
  rowAt,
  slotOf,
} from './regions';
import { isTreeEdge } from './spanning-tree';

const FLAGS: u64 = DIVERSE_BEFORE | DIVERSE_NOW;
let compared: i32 = 0;

/**
 * Chooses up to `limit` neighbours of `centre` from the `poolCount` entries of the pool into
 * CHOSEN: those nearer to the centre than to every neighbour chosen before them, then, with
 * `keepPruned`, the nearest discarded ones. Tree edges on the base layer are always chosen.
 * Returns the number.
 */
export function selectNeighbours(
  level: i32,
  centre: i32,
  limit: i32,
  keepPruned: bool,
  poolCount: i32,
): i32 {
  compared = 0;
  let chosenCount = 0;
  let discardedCount = 0;
  let pinnedLeft = level == 0 ? countPinned(centre, poolCount) : 0;
  for (let i = 0; i < poolCount; i++) {
    if (pinnedLeft == 0 && chosenCount >= limit) break;
    const entry = entryAt(pool, i);
    const isPinned = pinnedLeft > 0 && isTreeEdge(centre, slotOf(entry));
    if (!isPinned && chosenCount + pinnedLeft >= limit) continue;
    if (isPinned) pinnedLeft--;
    if (isDiverse(entry, chosenCount)) {
      const flag: u64 = entry & DIVERSE_BEFORE ? 0 : DIVERSE_NOW;
      putEntry(chosen, chosenCount++, entry | flag);
    } else if (isPinned) {
      putEntry(chosen, chosenCount++, entry & ~FLAGS);
    } else if (keepPruned) {
      putEntry(discarded, discardedCount++, entry & ~FLAGS);
    }
  }
  for (let i = 0; i < discardedCount && chosenCount < limit; i++) {
    putEntry(chosen, chosenCount++, entryAt(discarded, i));
  }
  countDistances(compared);
  return chosenCount;
}

/** Replaces the links of a slot by the chosen ones, diverse ones first. */
export function linkChosen(level: i32, slot: i32, chosenCount: i32): void {
  const list = listAt(level, slot);
  let degree = 0;
  for (let i = 0; i < chosenCount; i++) {
    const entry = entryAt(chosen, i);
    if (entry & FLAGS) putInt(list, degree++, slotOf(entry));
  }
  const diverse = degree;
  for (let i = 0; i < chosenCount; i++) {
    const entry = entryAt(chosen, i);
    if (!(entry & FLAGS)) putInt(list, degree++, slotOf(entry));
  }
  setDegrees(level, slot, degree, diverse);
}

/** Copies the chosen slots; returns their number. */
export function copyChosen(target: usize, chosenCount: i32): i32 {
  for (let i = 0; i < chosenCount; i++) putInt(target, i, slotOf(entryAt(chosen, i)));
  return chosenCount;
}

function countPinned(centre: i32, poolCount: i32): i32 {
  let pinned = 0;
  for (let i = 0; i < poolCount; i++) {
    if (isTreeEdge(centre, slotOf(entryAt(pool, i)))) pinned++;
  }
  return pinned;
}

// Two neighbours that were chosen together before were compared then.
function isDiverse(entry: u64, chosenCount: i32): bool {
  const row = rowAt(slotOf(entry));
  const key = keyOf(entry);
  for (let i = 0; i < chosenCount; i++) {
    const other = entryAt(chosen, i);
    if (entry & other & DIVERSE_BEFORE) continue;
    compared++;
    if (rankKeyWithin(row, rowAt(slotOf(other)), key) < key) return false;
  }
  return true;
}
