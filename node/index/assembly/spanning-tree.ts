// A tree over all slots of the base layer. Its edges are pairs of links that the selection may not
// drop, so the graph cannot fall apart, whatever is inserted and deleted.
//
// Invariant: following parents from any slot of the graph ends at the one slot without a parent.
// Invariant: no slot has more than M tree edges, so half of its links stay free.

import { degreeOf, listAt } from './link-lists';
import { intAt, linksMax, parents, putInt, treeDegrees } from './regions';

const NO_PARENT: i32 = -1;

export function parentOf(slot: i32): i32 {
  return intAt(parents, slot);
}

export function treeDegreeOf(slot: i32): i32 {
  return <i32>load<u8>(treeDegrees + <usize>slot);
}

export function setTreeDegree(slot: i32, degree: i32): void {
  store<u8>(treeDegrees + <usize>slot, <u8>degree);
}

export function isTreeEdge(a: i32, b: i32): bool {
  return parentOf(a) == b || parentOf(b) == a;
}

/** Whether a slot may take so many more edges. */
export function hasRoom(slot: i32, edges: i32): bool {
  return treeDegreeOf(slot) + edges <= linksMax;
}

/** Starts a tree of one slot. */
export function plant(slot: i32): void {
  putInt(parents, slot, NO_PARENT);
  setTreeDegree(slot, 0);
}

/** Cuts a slot from its parent; it becomes the root of what hangs below it. */
export function detach(slot: i32): void {
  const parent = parentOf(slot);
  if (parent < 0) return;
  putInt(parents, slot, NO_PARENT);
  setTreeDegree(slot, treeDegreeOf(slot) - 1);
  setTreeDegree(parent, treeDegreeOf(parent) - 1);
}

/** Whether the tree of `root` holds a slot; climbs from the slot, O(depth). */
export function holds(root: i32, slot: i32): bool {
  if (slot == root) return true;
  if (treeDegreeOf(root) == 0) return false;
  let top = slot;
  for (let above = parentOf(top); above >= 0; above = parentOf(top)) top = above;
  return top == root;
}

/** A slot that hangs below another; a slot without room has one, for M is two at least. */
export function childOf(slot: i32): i32 {
  const list = listAt(0, slot);
  const degree = degreeOf(0, slot);
  for (let i = 0; i < degree; i++) {
    const target = intAt(list, i);
    if (parentOf(target) == slot) return target;
  }
  return unreachable();
}
