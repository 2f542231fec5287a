// Addresses of the memory's regions and of this thread's scratch area, as globals.

import {
  ACCEPT,
  ALIVE,
  AROUND,
  BASE_DEGREE_MAX,
  CANDIDATES,
  CHOSEN,
  DEAD_COUNT,
  DEGREES,
  DISCARDED,
  DISTANCES,
  DIVERSE_DEGREES,
  EF_CONSTRUCTION,
  ENTRY,
  FOUND,
  FRESH,
  LAYER_COUNTS,
  LINKS,
  LOCKS,
  M_LINKS,
  MARKS,
  MEASURE,
  PARENTS,
  POOL,
  QUERY,
  RESULTS,
  ROW_BYTES,
  ROWS,
  SLOT_COUNT,
  SLOT_MASK,
  SOURCE_DEGREES,
  SOURCES,
  START_BYTES,
  TREE_DEGREES,
  UPPER,
  UPPER_OFFSETS,
  WAITING,
} from '../src/memory/memory-map';

export let rowBytes: usize = 0;
export let measure: i32 = 0;
export let startBytes: usize = 0;
export let linksMax: i32 = 0;
export let baseDegreeMax: i32 = 0;
export let efConstruction: i32 = 0;

export let rows: usize = 0;
export let links: usize = 0;
export let degrees: usize = 0;
export let diverseDegrees: usize = 0;
export let layerCounts: usize = 0;
export let parents: usize = 0;
export let treeDegrees: usize = 0;
export let alive: usize = 0;
export let upperOffsets: usize = 0;
export let upper: usize = 0;
export let locks: usize = 0;

export let scratch: usize = 0;
export let queryRow: usize = 0;
export let fresh: usize = 0;
export let around: usize = 0;
export let sources: usize = 0;
export let sourceDegrees: usize = 0;
export let waiting: usize = 0;
export let results: usize = 0;
export let found: usize = 0;
export let pool: usize = 0;
export let chosen: usize = 0;
export let discarded: usize = 0;
export let marks: usize = 0;
export let accept: usize = 0;
export let candidates: usize = 0;

/** Called once, before anything else, with the address of the caller's own scratch area. */
export function attach(area: usize): void {
  measure = word(MEASURE);
  rowBytes = <usize>word(ROW_BYTES);
  startBytes = <usize>word(START_BYTES);
  linksMax = word(M_LINKS);
  baseDegreeMax = word(BASE_DEGREE_MAX);
  efConstruction = word(EF_CONSTRUCTION);
  rows = <usize>word(ROWS);
  links = <usize>word(LINKS);
  degrees = <usize>word(DEGREES);
  diverseDegrees = <usize>word(DIVERSE_DEGREES);
  layerCounts = <usize>word(LAYER_COUNTS);
  parents = <usize>word(PARENTS);
  treeDegrees = <usize>word(TREE_DEGREES);
  alive = <usize>word(ALIVE);
  upperOffsets = <usize>word(UPPER_OFFSETS);
  upper = <usize>word(UPPER);
  locks = <usize>word(LOCKS);
  attachScratch(area);
}

/** Which rows of the slots are compared from now on, and how; of this thread alone. */
export function viewRows(
  address: usize,
  bytes: usize,
  measureNumber: i32,
  bytesOfStart: usize,
): void {
  rows = address;
  startBytes = bytesOfStart;
  configure(measureNumber, bytes);
}

/** In place of `attach` where only rows are compared, in a memory without regions. */
export function configure(measureNumber: i32, bytesOfRow: usize): void {
  measure = measureNumber;
  rowBytes = bytesOfRow;
}

function attachScratch(area: usize): void {
  scratch = area;
  queryRow = intAt(area, QUERY);
  fresh = intAt(area, FRESH);
  around = intAt(area, AROUND);
  sources = intAt(area, SOURCES);
  sourceDegrees = intAt(area, SOURCE_DEGREES);
  waiting = intAt(area, WAITING);
  results = intAt(area, RESULTS);
  found = intAt(area, FOUND);
  pool = intAt(area, POOL);
  chosen = intAt(area, CHOSEN);
  discarded = intAt(area, DISCARDED);
  marks = intAt(area, MARKS);
  accept = intAt(area, ACCEPT);
  candidates = intAt(area, CANDIDATES);
}

function word(number: i32): i32 {
  return load<i32>((<usize>number) << 2);
}

/** An integer of a list; slots, addresses and degrees are such. */
export function intAt(list: usize, position: i32): i32 {
  return load<i32>(list + ((<usize>position) << 2));
}

export function putInt(list: usize, position: i32, value: i32): void {
  store<i32>(list + ((<usize>position) << 2), value);
}

export function slotCount(): i32 {
  return word(SLOT_COUNT);
}

export function deadCount(): i32 {
  return word(DEAD_COUNT);
}

export function setDeadCount(count: i32): void {
  store<i32>(DEAD_COUNT << 2, count);
}

export function loadEntry(): i32 {
  return atomic.load<i32>(ENTRY << 2);
}

export function storeEntry(entry: i32): void {
  atomic.store<i32>(ENTRY << 2, entry);
}

export function topOf(entry: i32): i32 {
  return entry >> 24;
}

export function entrySlotOf(entry: i32): i32 {
  return entry & SLOT_MASK;
}

export function rowAt(slot: i32): usize {
  return rows + <usize>slot * rowBytes;
}

/** Whether a slot is in the graph: being inserted, or alive. */
export function isPresent(slot: i32): bool {
  return load<u8>(layerCounts + <usize>slot) != 0;
}

/** Whether the bit of a slot is set. */
export function hasBit(bitmap: usize, slot: i32): bool {
  return ((load<u8>(bitmap + (<usize>slot >> 3)) >> (<u8>slot & 7)) & 1) != 0;
}

export function setAlive(slot: i32): void {
  atomic.or<i32>(alive + ((<usize>(slot >> 5)) << 2), 1 << (slot & 31));
}

export function clearAlive(slot: i32): void {
  atomic.and<i32>(alive + ((<usize>(slot >> 5)) << 2), ~(1 << (slot & 31)));
}

export function countDistances(count: i32): void {
  const at = scratch + (DISTANCES << 2);
  store<i32>(at, load<i32>(at) + count);
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
