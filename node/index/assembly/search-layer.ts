// Malkov & Yashunin 2016, Algorithm 2 (SEARCH-LAYER), and the descent through the upper layers
// that Algorithms 1 and 5 share.

import {
  CANDIDATES,
  DEGREES,
  FOUND,
  FRESH,
  LINKS,
  MARKS,
  RESULTS,
  ROW_OF_SLOT,
  ROWS,
} from '../src/memory/memory-map';
import { heapPop, heapPush, heapReplaceTop } from './entry-heap';
import { rankKey } from './rank';
import {
  countDistances,
  degreeMaxOf,
  entryAt,
  entryOf,
  keyOf,
  layerRegion,
  putEntry,
  region,
  rowAt,
  rowBytes,
  slotOf,
} from './regions';

const EPOCH_MAX: i32 = 0xffff;
/** Bytes of a row that are loaded early. */
const EARLY_BYTES_MAX: usize = 4096;
let early: i32 = 0;
let epoch: i32 = 0;
let candidateCount: i32 = 0;
let resultCount: i32 = 0;

/**
 * Beam search on one layer, from the `foundCount` entries in FOUND to the `ef` nearest, which
 * replace them; returns their number. The beam goes on through up to `tiesMax` rows that tie with
 * its worst result, or `ef` equal rows would be a wall before it.
 */
export function searchLayer(
  level: i32,
  query: usize,
  ef: i32,
  tiesMax: i32,
  foundCount: i32,
  slotCount: i32,
): i32 {
  startFromFound(ef, foundCount, slotCount);
  const rows = region(ROWS);
  const fresh = region(FRESH);
  const results = region(RESULTS);
  const candidates = region(CANDIDATES);
  let worst = keyOf(~entryAt(results, 0));
  let computed = 0;
  let ties = 0;
  while (candidateCount > 0) {
    const nearest = entryAt(candidates, 0);
    if (resultCount >= ef && keyOf(nearest) > worst) break;
    heapPop(candidates, candidateCount--);
    const freshEnd = gatherFresh(level, slotOf(nearest), fresh, rows);
    computed += <i32>((freshEnd - fresh) >> 2);
    for (let at = fresh; at < freshEnd; at += 4) {
      const slot = load<i32>(at);
      const key = rankKey(query, rows + <usize>slot * rowBytes);
      const entry = entryOf(key, slot);
      if (resultCount < ef) {
        heapPush(results, resultCount++, ~entry);
      } else if (key < worst) {
        heapReplaceTop(results, resultCount, ~entry);
      } else if (key > worst || ++ties > tiesMax) {
        continue;
      }
      heapPush(candidates, candidateCount++, entry);
      worst = keyOf(~entryAt(results, 0));
    }
  }
  countDistances(computed);
  return drainResults();
}

/** Walks greedily from the entry point down to, not including, `level`; leaves the nearest. */
export function descend(
  entrySlot: i32,
  top: i32,
  level: i32,
  query: usize,
  tiesMax: i32,
  slotCount: i32,
): i32 {
  putEntry(region(FOUND), 0, entryOf(rankKey(query, rowAt(entrySlot)), entrySlot));
  countDistances(1);
  let count = 1;
  for (let above = top; above > level; above--) {
    count = searchLayer(above, query, 1, tiesMax, count, slotCount);
  }
  return count;
}

/** Lists the neighbours of a slot that this search has not seen; returns the end of the list. */
function gatherFresh(level: i32, slot: i32, fresh: usize, rows: usize): usize {
  const marks = region(MARKS);
  const row = load<i32>(layerRegion(level, ROW_OF_SLOT) + ((<usize>slot) << 2));
  const degree = load<i32>(layerRegion(level, DEGREES) + ((<usize>row) << 2));
  let link = layerRegion(level, LINKS) + ((<usize>(row * degreeMaxOf(level))) << 2);
  const end = link + ((<usize>degree) << 2);
  for (; link < end; link += 4) {
    const target = load<i32>(link);
    const mark = marks + ((<usize>target) << 1);
    if (<i32>load<u16>(mark) == epoch) continue;
    store<u16>(mark, <u16>epoch);
    store<i32>(fresh, target);
    loadEarly(rows + <usize>target * rowBytes);
    fresh += 4;
  }
  return fresh;
}

// WebAssembly has no prefetch. These loads do not wait for each other, so all rows of a node are on
// their way before the first is compared; the sum keeps the compiler from leaving them out.
function loadEarly(row: usize): void {
  const end = row + min(rowBytes, EARLY_BYTES_MAX);
  let sum = 0;
  for (; row < end; row += 64) sum += load<i32>(row);
  early = sum;
}

function startFromFound(ef: i32, foundCount: i32, slotCount: i32): void {
  const marks = region(MARKS);
  if (epoch == EPOCH_MAX) {
    memory.fill(marks, 0, (<usize>slotCount) << 1);
    epoch = 0;
  }
  epoch++;
  const found = region(FOUND);
  candidateCount = 0;
  resultCount = 0;
  for (let i = 0; i < foundCount; i++) {
    const entry = entryAt(found, i);
    store<u16>(marks + ((<usize>slotOf(entry)) << 1), <u16>epoch);
    heapPush(region(CANDIDATES), candidateCount++, entry);
    if (resultCount < ef) heapPush(region(RESULTS), resultCount++, ~entry);
  }
}

function drainResults(): i32 {
  const found = region(FOUND);
  const results = region(RESULTS);
  const count = resultCount;
  for (let i = count - 1; i >= 0; i--) {
    putEntry(found, i, ~entryAt(results, 0));
    heapPop(results, i + 1);
  }
  return count;
}
