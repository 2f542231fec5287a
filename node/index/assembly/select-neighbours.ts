// Malkov & Yashunin 2016, Algorithm 4 (SELECT-NEIGHBORS-HEURISTIC) with keepPrunedConnections and
// without extendCandidates, plus links that may not be dropped.

import { CHOSEN, DISCARDED, DIVERSE_BEFORE, DIVERSE_NOW, POOL } from '../src/memory/memory-map';
import { rankKey } from './rank';
import { entryAt, isTreeEdge, keyOf, putEntry, region, rowAt, slotOf } from './regions';

const FLAGS: u64 = DIVERSE_BEFORE | DIVERSE_NOW;

/**
 * Chooses up to `limit` neighbours of `centre` from the `poolCount` entries in POOL into CHOSEN:
 * those nearer to the centre than to every neighbour chosen before them, then, with `keepPruned`,
 * the nearest discarded ones. Tree edges on the base layer are always chosen. Returns the number.
 */
export function selectNeighbours(
  level: i32,
  centre: i32,
  limit: i32,
  keepPruned: bool,
  poolCount: i32,
): i32 {
  const pool = region(POOL);
  const chosen = region(CHOSEN);
  const discarded = region(DISCARDED);
  let chosenCount = 0;
  let discardedCount = 0;
  let pinnedLeft = level == 0 ? countPinned(centre, pool, poolCount) : 0;
  for (let i = 0; i < poolCount; i++) {
    if (pinnedLeft == 0 && chosenCount >= limit) return chosenCount;
    const entry = entryAt(pool, i);
    const isPinned = pinnedLeft > 0 && isTreeEdge(centre, slotOf(entry));
    if (!isPinned && chosenCount + pinnedLeft >= limit) continue;
    if (isPinned) pinnedLeft--;
    if (isDiverse(entry, chosen, chosenCount)) {
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
  return chosenCount;
}

function countPinned(centre: i32, pool: usize, poolCount: i32): i32 {
  let pinned = 0;
  for (let i = 0; i < poolCount; i++) {
    if (isTreeEdge(centre, slotOf(entryAt(pool, i)))) pinned++;
  }
  return pinned;
}

// Two neighbours that were chosen together before were compared then.
function isDiverse(entry: u64, chosen: usize, chosenCount: i32): bool {
  const row = rowAt(slotOf(entry));
  const key = keyOf(entry);
  for (let i = 0; i < chosenCount; i++) {
    const other = entryAt(chosen, i);
    if (entry & other & DIVERSE_BEFORE) continue;
    if (rankKey(row, rowAt(slotOf(other))) < key) return false;
  }
  return true;
}
