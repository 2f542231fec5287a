// Malkov & Yashunin 2016, Algorithm 1 (INSERT). Several threads may insert at once, and others may
// search: a row is walked through and found from the moment when all its links are written.

import { addLink, hangBelow, hangDeepBelow } from './add-link';
import { poolFound } from './candidate-pool';
import { setDegrees } from './link-lists';
import { lockEntry, unlockEntry } from './locks';
import {
  around,
  efConstruction,
  entryAt,
  found,
  intAt,
  layerCounts,
  linksMax,
  loadEntry,
  rowAt,
  setAlive,
  slotOf,
  storeEntry,
  topOf,
} from './regions';
import { descend, searchLayer } from './search-layer';
import { copyChosen, linkChosen, selectNeighbours } from './select-neighbours';
import { plant, setTreeDegree } from './spanning-tree';

/** Links a slot whose row is written, and which is not in the graph, into layers 0 to `level`. */
export function insert(slot: i32, level: i32): void {
  plant(slot);
  for (let at = level; at >= 0; at--) setDegrees(at, slot, 0, 0);
  store<u8>(layerCounts + <usize>slot, <u8>(level + 1));
  let entry = loadEntry();
  const isHigher = entry < 0 || level > topOf(entry);
  // Rows above the top come one at a time, so that the second finds the first.
  if (isHigher) {
    lockEntry();
    entry = loadEntry();
  }
  if (entry >= 0) {
    const below = min(level, topOf(entry));
    let count = descend(entry, below, rowAt(slot), efConstruction);
    for (let at = below; at >= 0; at--) count = connect(at, slot, count);
  }
  setAlive(slot);
  if (!isHigher) return;
  if (entry < 0 || level > topOf(entry)) storeEntry((level << 24) | slot);
  unlockEntry();
}

function connect(level: i32, slot: i32, foundBefore: i32): i32 {
  // As many ties as the beam is wide: a build over equal rows stays linear in them.
  const query = rowAt(slot);
  const count = searchLayer(level, query, efConstruction, efConstruction, foundBefore, 0);
  const chosenCount = selectNeighbours(level, slot, linksMax, true, poolFound(count));
  linkChosen(level, slot, chosenCount);
  copyChosen(around, chosenCount);
  if (level == 0) hang(slot, chosenCount, slotOf(entryAt(found, 0)));
  for (let i = 0; i < chosenCount; i++) addLink(level, intAt(around, i), slot);
  return count;
}

// The edge is counted before others can see the slot, so they never give it one too many.
function hang(slot: i32, aroundCount: i32, nearest: i32): void {
  setTreeDegree(slot, 1);
  for (let i = 0; i < aroundCount; i++) if (hangBelow(slot, intAt(around, i))) return;
  hangDeepBelow(slot, nearest);
}
