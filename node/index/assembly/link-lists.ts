// The links of a slot on a layer: a list with room for a fixed number. The base layer's lists lie
// slot after slot; those of the layers above lie in blocks that only their slots have.
//
// Invariant: whatever a list held stays a slot, so a reader that meets a half-written list meets
// slots that are or were linked, and nothing else.

import { DEGREE_MAX } from '../src/memory/memory-map';
import {
  baseDegreeMax,
  deadCount,
  degrees,
  diverseDegrees,
  intAt,
  isPresent,
  links,
  linksMax,
  putInt,
  upper,
  upperOffsets,
} from './regions';

/** Links that a list of a layer has room for. */
export function degreeMaxOf(level: i32): i32 {
  return level == 0 ? baseDegreeMax : linksMax;
}

/** The first link of a slot on a layer. */
export function listAt(level: i32, slot: i32): usize {
  if (level == 0) return links + <usize>slot * ((<usize>baseDegreeMax) << 2);
  return blockAt(level, slot) + 4;
}

export function degreeOf(level: i32, slot: i32): i32 {
  if (level == 0) return <i32>load<u8>(degrees + <usize>slot);
  return <i32>load<u16>(blockAt(level, slot));
}

/** How many of a slot's first links are known to be diverse. */
export function diverseDegreeOf(level: i32, slot: i32): i32 {
  if (level == 0) return <i32>load<u8>(diverseDegrees + <usize>slot);
  return <i32>load<u16>(blockAt(level, slot), 2);
}

/** Sets both degrees; the list must hold that many links before. */
export function setDegrees(level: i32, slot: i32, degree: i32, diverse: i32): void {
  if (level > 0) {
    atomic.store<i32>(blockAt(level, slot), degree | (diverse << 16));
    return;
  }
  store<u8>(diverseDegrees + <usize>slot, <u8>diverse);
  atomic.store<u8>(degrees + <usize>slot, <u8>degree);
}

/** Whether a slot links to another on a layer. */
export function linksTo(level: i32, from: i32, to: i32): bool {
  return positionOf(level, from, to) < degreeOf(level, from);
}

/** Adds a link to a list that has room and lacks it. */
export function appendLink(level: i32, from: i32, to: i32): void {
  const degree = degreeOf(level, from);
  putInt(listAt(level, from), degree, to);
  setDegrees(level, from, degree + 1, diverseDegreeOf(level, from));
}

/** Removes a link if it is there. */
export function dropLink(level: i32, from: i32, to: i32): void {
  const degree = degreeOf(level, from);
  const position = positionOf(level, from, to);
  if (position == degree) return;
  const list = listAt(level, from);
  const diverse = diverseDegreeOf(level, from);
  for (let i = position + 1; i < degree; i++) putInt(list, i - 1, intAt(list, i));
  setDegrees(level, from, degree - 1, position < diverse ? diverse - 1 : diverse);
}

/** Removes the links to slots that are no longer in the graph; returns their number. */
export function dropDeadLinks(level: i32, from: i32): i32 {
  if (deadCount() == 0) return 0;
  const list = listAt(level, from);
  const degree = degreeOf(level, from);
  let diverse = diverseDegreeOf(level, from);
  const known = diverse;
  let kept = 0;
  for (let i = 0; i < degree; i++) {
    const target = intAt(list, i);
    if (isPresent(target)) putInt(list, kept++, target);
    else if (i < known) diverse--;
  }
  if (kept < degree) setDegrees(level, from, kept, diverse);
  return degree - kept;
}

/** Copies the links to slots that are in the graph; returns their number. */
export function copyPresent(level: i32, from: i32, target: usize): i32 {
  const list = listAt(level, from);
  const degree = degreeOf(level, from);
  let count = 0;
  for (let i = 0; i < degree && count < DEGREE_MAX; i++) {
    const slot = intAt(list, i);
    if (isPresent(slot)) putInt(target, count++, slot);
  }
  return count;
}

function blockAt(level: i32, slot: i32): usize {
  const block = intAt(upperOffsets, slot) + level - 1;
  return upper + <usize>block * ((<usize>(linksMax + 1)) << 2);
}

function positionOf(level: i32, from: i32, to: i32): i32 {
  const list = listAt(level, from);
  const degree = degreeOf(level, from);
  let position = 0;
  while (position < degree && intAt(list, position) != to) position++;
  return position;
}
