// A real deletion of v: every u that links to v, as far as the neighbours of v and theirs know, is
// linked anew from N(u) ∪ N(v) by the selection heuristic (the local repair of FreshDiskANN, Singh
// et al. 2021, section 4; sources as in MN-RU, Xiao et al. 2024). The subtrees that hung below v
// find new places, so nothing is orphaned. Links that nobody near knows of stay until the sweep.

import { SOURCES_MAX } from '../src/memory/memory-map';
import { copyPresent, degreeOf, dropLink, linksTo, listAt, setDegrees } from './link-lists';
import { startWalk, visit } from './marks';
import {
  around,
  clearAlive,
  deadCount,
  entrySlotOf,
  intAt,
  layerCounts,
  loadEntry,
  putInt,
  rowAt,
  rowBytes,
  setDeadCount,
  slotCount,
  sourceDegrees,
  sources,
  storeEntry,
} from './regions';
import { rehang, uproot } from './rehang';
import { repair } from './repair';

/** Takes a slot out of the graph, repairs around it and wipes its row. */
export function remove(slot: i32): void {
  const top = <i32>load<u8>(layerCounts + <usize>slot) - 1;
  clearAlive(slot);
  store<u8>(layerCounts + <usize>slot, 0);
  setDeadCount(deadCount() + 1);
  if (entrySlotOf(loadEntry()) == slot) storeEntry(highestSlot());
  for (let level = top; level >= 0; level--) removeFrom(level, slot);
  memory.fill(rowAt(slot), 0, rowBytes);
}

function removeFrom(level: i32, slot: i32): void {
  const aroundCount = copyPresent(level, slot, around);
  const sourceCount = gatherSources(level, slot, aroundCount);
  const waitingCount = level == 0 ? uproot(slot, aroundCount) : 0;
  setDegrees(level, slot, 0, 0);
  if (waitingCount > 0) rehang(waitingCount, aroundCount, sourceCount);
  for (let i = 0; i < sourceCount; i++) {
    repair(level, intAt(sources, i), aroundCount, intAt(sourceDegrees, i));
  }
}

/** Unlinks the slot from those neighbours, and neighbours of theirs, that link to it. */
function gatherSources(level: i32, slot: i32, aroundCount: i32): i32 {
  startWalk();
  let count = 0;
  for (let i = 0; i < aroundCount; i++) count = takeSource(level, intAt(around, i), slot, count);
  for (let i = 0; i < aroundCount; i++) {
    const neighbour = intAt(around, i);
    const list = listAt(level, neighbour);
    const degree = degreeOf(level, neighbour);
    for (let j = 0; j < degree; j++) count = takeSource(level, intAt(list, j), slot, count);
  }
  return count;
}

function takeSource(level: i32, source: i32, slot: i32, count: i32): i32 {
  if (count == SOURCES_MAX || !visit(source) || !linksTo(level, source, slot)) return count;
  putInt(sources, count, source);
  putInt(sourceDegrees, count, degreeOf(level, source));
  dropLink(level, source, slot);
  return count + 1;
}

/** The entry word of a slot that is on most layers. */
function highestSlot(): i32 {
  const count = slotCount();
  let highest = -1;
  let layers = 0;
  for (let slot = 0; slot < count; slot++) {
    const own = <i32>load<u8>(layerCounts + <usize>slot);
    if (own <= layers) continue;
    layers = own;
    highest = slot;
  }
  return highest < 0 ? -1 : ((layers - 1) << 24) | highest;
}
