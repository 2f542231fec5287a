// What hung below a removed slot finds new places in the spanning tree.

import { hangBelow, hangDeepBelow } from './add-link';
import { poolSlots, poolTargets } from './candidate-pool';
import { startWalk, visit } from './marks';
import { around, entryAt, intAt, pool, putInt, slotOf, sources, waiting } from './regions';
import { detach, hasRoom, holds, parentOf, setTreeDegree, treeDegreeOf } from './spanning-tree';

const SOURCES_TRIED_MAX: i32 = 255;

/**
 * Cuts a slot off its tree; writes the roots of the trees that remain to WAITING, the parent's
 * side first where there is one, and returns their number.
 */
export function uproot(slot: i32, aroundCount: i32): i32 {
  const parent = parentOf(slot);
  let count = 0;
  if (parent >= 0) putInt(waiting, count++, parent);
  for (let i = 0; i < aroundCount; i++) {
    const child = intAt(around, i);
    if (parentOf(child) != slot) continue;
    detach(child);
    putInt(waiting, count++, child);
  }
  detach(slot);
  return count;
}

/** Joins the first waiting tree and the others to one again. */
export function rehang(waitingCount: i32, aroundCount: i32, sourceCount: i32): void {
  const trunk = intAt(waiting, 0);
  for (let i = 1; i < waitingCount; i++) {
    const root = intAt(waiting, i);
    startWalk();
    visit(root);
    let count = poolTargets(0, root, 0);
    count = poolSlots(root, around, aroundCount, count);
    count = poolSlots(root, sources, min(sourceCount, SOURCES_TRIED_MAX), count);
    const place = placeNear(root, count, i, waitingCount);
    setTreeDegree(root, treeDegreeOf(root) + 1);
    if (place >= 0) hangBelow(root, place);
    else hangDeepBelow(root, trunk);
  }
}

/** The nearest slot of the pool that may take the tree of `root`, or -1. */
function placeNear(root: i32, poolCount: i32, position: i32, waitingCount: i32): i32 {
  for (let i = 0; i < poolCount; i++) {
    const slot = slotOf(entryAt(pool, i));
    // A root that still waits for its own place keeps one edge for it.
    const edges = isWaiting(slot, position + 1, waitingCount) ? 2 : 1;
    if (hasRoom(slot, edges) && !holds(root, slot)) return slot;
  }
  return -1;
}

function isWaiting(slot: i32, first: i32, waitingCount: i32): bool {
  for (let i = first; i < waitingCount; i++) if (intAt(waiting, i) == slot) return true;
  return false;
}
