// Malkov & Yashunin 2016, Algorithm 2 (SEARCH-LAYER), and the descent through the upper layers
// that Algorithms 1 and 5 share.

import { CANDIDATES_MAX, EXPANDED, LINKS_READ } from '../src/memory/memory-map';
import { loadStartEarly } from './early-load';
import { heapPop, heapPush, heapReplaceTop } from './entry-heap';
import { degreeOf, listAt } from './link-lists';
import { currentEpoch, startWalk, visit } from './marks';
import { rankKey } from './rank';
import { rankKeyWithin } from './rank-within';
import {
  accept,
  alive,
  candidates,
  countDistances,
  entryAt,
  entryOf,
  entrySlotOf,
  found,
  fresh,
  hasBit,
  intAt,
  keyOf,
  loadEntry,
  marks,
  pool,
  putEntry,
  putInt,
  queryRow,
  results,
  rowAt,
  rowBytes,
  rows,
  scratch,
  slotOf,
  topOf,
} from './regions';

let candidateCount: i32 = 0;
let candidatesMax: i32 = 0;
let resultCount: i32 = 0;
let expanded: i32 = 0;
let linksRead: i32 = 0;
let traceMax: i32 = 0;

/**
 * Algorithm 5 (K-NN-SEARCH): the `ef` rows nearest to the query in this thread's scratch area, in
 * FOUND; returns their number. With `isFiltered` only slots in ACCEPT are found, and all are
 * walked through. The first `tracedMax` expanded slots are written to the pool.
 */
export function search(ef: i32, tiesMax: i32, isFiltered: bool, tracedMax: i32): i32 {
  expanded = 0;
  linksRead = 0;
  traceMax = tracedMax;
  const entry = loadEntry();
  let count = 0;
  if (entry >= 0) {
    count = descend(entry, 0, queryRow, tiesMax);
    count = searchLayer(0, queryRow, ef, tiesMax, count, isFiltered ? accept : 0);
  }
  traceMax = 0;
  putInt(scratch, EXPANDED, expanded);
  putInt(scratch, LINKS_READ, linksRead);
  return count;
}

/**
 * Beam search on one layer, from the `foundCount` entries in FOUND to the `ef` nearest, which
 * replace them; returns their number. The beam goes on through up to `tiesMax` rows that tie with
 * its worst result, or `ef` equal rows would be a wall before it. What is not alive is not walked
 * through; what is not in `accepted`, a bitmap or 0, is walked through and not found.
 */
export function searchLayer(
  level: i32,
  query: usize,
  ef: i32,
  tiesMax: i32,
  foundCount: i32,
  accepted: usize,
): i32 {
  startFromFound(ef, foundCount, accepted);
  // Globals are loaded anew after every store, locals are not.
  const heap = candidates;
  const kept = results;
  const freshStart = fresh;
  const live = alive;
  const firstRow = rows;
  const bytes = rowBytes;
  let worst = keyOf(~entryAt(kept, 0));
  let computed = 0;
  let ties = 0;
  while (candidateCount > 0) {
    const nearest = entryAt(heap, 0);
    if (resultCount >= ef && keyOf(nearest) > worst) break;
    heapPop(heap, candidateCount--);
    const freshEnd = gatherFresh(level, slotOf(nearest));
    computed += <i32>((freshEnd - freshStart) >> 2);
    for (let at = freshStart; at < freshEnd; at += 4) {
      const slot = load<i32>(at);
      const bound = resultCount < ef ? u32.MAX_VALUE : worst;
      const key = rankKeyWithin(query, firstRow + <usize>slot * bytes, bound);
      if (resultCount >= ef && (key > worst || (key == worst && ++ties > tiesMax))) continue;
      // A dead row's bytes are gone, so it may seem near; few links lead to one.
      if (!hasBit(live, slot)) continue;
      const entry = entryOf(key, slot);
      heapPush(heap, candidateCount++, entry);
      if (accepted != 0 && !hasBit(accepted, slot)) continue;
      if (resultCount < ef) heapPush(kept, resultCount++, ~entry);
      else if (key < worst) heapReplaceTop(kept, resultCount, ~entry);
      worst = keyOf(~entryAt(kept, 0));
    }
    if (candidateCount > candidatesMax) noteCandidates();
  }
  countDistances(computed);
  return drainResults(resultCount);
}

/** Walks greedily from the entry down to, not including, `level`; leaves the nearest found. */
export function descend(entry: i32, level: i32, query: usize, tiesMax: i32): i32 {
  const entrySlot = entrySlotOf(entry);
  putEntry(found, 0, entryOf(rankKey(query, rowAt(entrySlot)), entrySlot));
  countDistances(1);
  let count = 1;
  for (let above = topOf(entry); above > level; above--) {
    count = searchLayer(above, query, 1, tiesMax, count, 0);
  }
  return count;
}

/** Lists the neighbours of a slot that this search has not seen; returns the end of the list. */
function gatherFresh(level: i32, slot: i32): usize {
  const seen = marks;
  const epoch = currentEpoch();
  const firstRow = rows;
  const bytes = rowBytes;
  let freshEnd = fresh;
  const degree = degreeOf(level, slot);
  let link = listAt(level, slot);
  const end = link + ((<usize>degree) << 2);
  for (; link < end; link += 4) {
    const target = load<i32>(link);
    const mark = seen + <usize>target;
    if (<i32>load<u8>(mark) == epoch) continue;
    store<u8>(mark, <u8>epoch);
    store<i32>(freshEnd, target);
    loadStartEarly(firstRow + <usize>target * bytes);
    freshEnd += 4;
  }
  if (expanded < traceMax) putInt(pool, expanded, slot);
  expanded++;
  linksRead += degree;
  return freshEnd;
}

function startFromFound(ef: i32, foundCount: i32, accepted: usize): void {
  startWalk();
  candidateCount = 0;
  resultCount = 0;
  for (let i = 0; i < foundCount; i++) {
    const entry = entryAt(found, i);
    const slot = slotOf(entry);
    visit(slot);
    heapPush(candidates, candidateCount++, entry);
    if (!hasBit(alive, slot) || (accepted != 0 && !hasBit(accepted, slot))) continue;
    if (resultCount < ef) heapPush(results, resultCount++, ~entry);
  }
}

/** Moves `count` results to FOUND, nearest first. */
export function drainResults(count: i32): i32 {
  for (let i = count - 1; i >= 0; i--) {
    putEntry(found, i, ~entryAt(results, 0));
    heapPop(results, i + 1);
  }
  return count;
}

// How much of the largest region of a scratch area was ever touched.
function noteCandidates(): void {
  candidatesMax = max(candidateCount, intAt(scratch, CANDIDATES_MAX));
  putInt(scratch, CANDIDATES_MAX, candidatesMax);
}
