import {
  DISTANCES,
  LAYER_REGIONS,
  LAYERS,
  PARENTS,
  ROWS,
  SLOT_MASK,
} from '../src/memory/memory-map';

export let rowBytes: usize = 0;
export let measure: i32 = 0;
export let linksMax: i32 = 0;

/** Called once, before anything else. `m` is the M of the paper. */
export function configure(measureCode: i32, rowLength: i32, m: i32): void {
  measure = measureCode;
  rowBytes = <usize>rowLength;
  linksMax = m;
}

export function region(number: i32): usize {
  return load<usize>((<usize>number) << 2);
}

export function layerRegion(level: i32, number: i32): usize {
  return region(LAYERS + LAYER_REGIONS * level + number);
}

/** Links that a row of a layer has room for. */
export function degreeMaxOf(level: i32): i32 {
  return level == 0 ? linksMax << 1 : linksMax;
}

export function rowAt(slot: i32): usize {
  return region(ROWS) + <usize>slot * rowBytes;
}

export function countDistances(count: i32): void {
  store<i32>(DISTANCES << 2, load<i32>(DISTANCES << 2) + count);
}

export function isTreeEdge(a: i32, b: i32): bool {
  const parents = region(PARENTS);
  return load<i32>(parents + ((<usize>a) << 2)) == b || load<i32>(parents + ((<usize>b) << 2)) == a;
}

export function entryOf(key: u32, slot: i32): u64 {
  return ((<u64>key) << 32) | <u64>slot;
}

export function keyOf(entry: u64): u32 {
  return <u32>(entry >> 32);
}

export function slotOf(entry: u64): i32 {
  return <i32>entry & SLOT_MASK;
}

export function entryAt(list: usize, position: i32): u64 {
  return load<u64>(list + ((<usize>position) << 3));
}

export function putEntry(list: usize, position: i32, entry: u64): void {
  store<u64>(list + ((<usize>position) << 3), entry);
}
