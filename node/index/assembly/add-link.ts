import { poolSlot, poolTargets } from './candidate-pool';
import { appendLink, degreeMaxOf, degreeOf, dropDeadLinks, linksTo } from './link-lists';
import { lockSlot, unlockSlot } from './locks';
import { startWalk } from './marks';
import { intAt, parents, putInt } from './regions';
import { linkChosen, selectNeighbours } from './select-neighbours';
import { childOf, hasRoom, setTreeDegree, treeDegreeOf } from './spanning-tree';

/**
 * Adds a link and, when the list is full, shrinks it by the selection heuristic (Algorithm 1,
 * lines 14–16). The new link itself may be what is dropped unless it is a tree edge.
 */
export function addLink(level: i32, from: i32, to: i32): void {
  lockSlot(from);
  addLinkLocked(level, from, to);
  unlockSlot(from);
}

/** Hangs the root of one tree below a slot of another that has room; says whether it had. */
export function hangBelow(root: i32, parent: i32): bool {
  lockSlot(parent);
  const fits = hasRoom(parent, 1);
  if (fits) {
    putInt(parents, root, parent);
    setTreeDegree(parent, treeDegreeOf(parent) + 1);
    addLinkLocked(0, parent, root);
  }
  unlockSlot(parent);
  if (fits) addLink(0, root, parent);
  return fits;
}

/** Hangs the root of one tree below the first slot with room on a way down from `start`. */
export function hangDeepBelow(root: i32, start: i32): void {
  let slot = start;
  while (!hangBelow(root, slot)) {
    lockSlot(slot);
    const child = childOf(slot);
    unlockSlot(slot);
    slot = child;
  }
}

function addLinkLocked(level: i32, from: i32, to: i32): void {
  if (linksTo(level, from, to)) return;
  const degreeMax = degreeMaxOf(level);
  if (degreeOf(level, from) == degreeMax) dropDeadLinks(level, from);
  if (degreeOf(level, from) < degreeMax) {
    appendLink(level, from, to);
    return;
  }
  startWalk();
  const count = poolTargets(level, from, 0);
  poolSlot(from, to, count, 0);
  // Keeping pruned links here fills every list: slower builds, no gain at equal distance counts.
  linkChosen(level, from, selectNeighbours(level, from, degreeMax, false, count + 1));
}
