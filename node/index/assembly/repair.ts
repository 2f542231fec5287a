// Linking a slot anew: from the neighbours of a removed one, or from a beam search of its own.

import { addLink } from './add-link';
import { poolFoundBut, poolSlots, poolTargets } from './candidate-pool';
import { appendLink, degreeMaxOf, degreeOf, dropDeadLinks, linksTo } from './link-lists';
import { startWalk, visit } from './marks';
import {
  around,
  chosen,
  efConstruction,
  entryAt,
  fresh,
  intAt,
  layerCounts,
  linksMax,
  loadEntry,
  putInt,
  rowAt,
  slotOf,
  topOf,
} from './regions';
import { descend, searchLayer } from './search-layer';
import { linkChosen, selectNeighbours } from './select-neighbours';

/** Links `slot` from N(slot) ∪ AROUND; it ends with as many links as before, or half its room. */
export function repair(level: i32, slot: i32, aroundCount: i32, degreeBefore: i32): void {
  startWalk();
  visit(slot);
  const own = poolTargets(level, slot, 0);
  const count = poolSlots(slot, around, aroundCount, own);
  const limit = max(max(degreeBefore, own), degreeFloorOf(level));
  const chosenCount = selectNeighbours(level, slot, limit, true, count);
  const newCount = copyNew(level, slot, chosenCount);
  linkChosen(level, slot, chosenCount);
  for (let i = 0; i < newCount; i++) {
    const target = intAt(fresh, i);
    if (degreeOf(level, target) >= degreeMaxOf(level)) continue;
    if (!linksTo(level, target, slot)) appendLink(level, target, slot);
  }
}

/** Links a slot of the graph anew, on all its layers, as if it were inserted now. */
export function relink(slot: i32): void {
  const level = <i32>load<u8>(layerCounts + <usize>slot) - 1;
  const query = rowAt(slot);
  const entry = loadEntry();
  let count = descend(entry, min(level, topOf(entry)), query, efConstruction);
  for (let at = min(level, topOf(entry)); at >= 0; at--) {
    count = searchLayer(at, query, efConstruction, efConstruction, count, 0);
    startWalk();
    visit(slot);
    const own = poolTargets(at, slot, poolFoundBut(slot, count));
    const limit = max(degreeOf(at, slot), linksMax);
    const chosenCount = selectNeighbours(at, slot, limit, true, own);
    const newCount = copyNew(at, slot, chosenCount);
    linkChosen(at, slot, chosenCount);
    for (let i = 0; i < newCount; i++) addLink(at, intAt(fresh, i), slot);
  }
}

/**
 * Drops the links of slots from `first` to before `end` to those that are no longer in the graph,
 * and relinks whose lists became too short. Returns the number of links dropped.
 */
export function sweep(first: i32, end: i32): i32 {
  let dropped = 0;
  for (let slot = first; slot < end; slot++) {
    const layers = <i32>load<u8>(layerCounts + <usize>slot);
    let isPoor = false;
    for (let level = 0; level < layers; level++) {
      const lost = dropDeadLinks(level, slot);
      dropped += lost;
      if (lost > 0 && degreeOf(level, slot) < degreeFloorOf(level)) isPoor = true;
    }
    if (isPoor) relink(slot);
  }
  return dropped;
}

/** Half the room of a list: an absolute floor, or degrees would rot over many small deletes. */
function degreeFloorOf(level: i32): i32 {
  return degreeMaxOf(level) >> 1;
}

/** Copies the chosen slots that are no links yet to FRESH; returns their number. */
function copyNew(level: i32, slot: i32, chosenCount: i32): i32 {
  let count = 0;
  for (let i = 0; i < chosenCount; i++) {
    const target = slotOf(entryAt(chosen, i));
    if (!linksTo(level, slot, target)) putInt(fresh, count++, target);
  }
  return count;
}
