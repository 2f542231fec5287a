// The fixed layout of one memory: regions for a number of slots, then scratch areas.

import { INDEX_LIMITS } from '../index-limits.ts';
import {
  ACCEPT,
  ALIVE,
  AROUND,
  CANDIDATES,
  CHOSEN,
  DEGREE_MAX,
  DEGREES,
  DISCARDED,
  DIVERSE_DEGREES,
  EXACT_QUERY,
  EXACT_ROWS,
  FOUND,
  FRESH,
  HEAD_BYTES,
  LAYER_COUNTS,
  LINKS,
  LOCK_COUNT,
  LOCKS,
  MARKS,
  PARENTS,
  POOL,
  POOL_MIN,
  QUERY,
  RESULTS,
  ROWS,
  SCRATCH_HEAD_BYTES,
  SOURCE_DEGREES,
  SOURCES,
  SOURCES_MAX,
  TREE_DEGREES,
  UPPER,
  UPPER_OFFSETS,
  WAITING,
} from './memory-map.ts';

const ALIGNMENT_BYTES = 64;

/** What a layout depends on. */
export interface LayoutShape {
  /** Slots that there is room for. */
  readonly capacity: number;
  readonly rowBytes: number;
  /** Bytes of a prepared query, which may be a row or a table of another size. */
  readonly queryBytes: number;
  /** Bytes of an exact row beside the code; 0 where there is none. */
  readonly exactRowBytes: number;
  /** The M of a graph; 0 for rows without links. */
  readonly m: number;
}

/** A piece of memory, under its word in the head. */
export interface Placed {
  readonly word: number;
  readonly address: number;
  readonly bytes: number;
}

export interface Layout {
  readonly regions: readonly Placed[];
  readonly endBytes: number;
}

/** Links that a base list has room for (M_max0 of the paper, as far as a byte counts). */
export function baseDegreeMaxOf(m: number): number {
  return Math.min(2 * m, DEGREE_MAX);
}

/** The regions that all threads share. */
export function sharedLayout(shape: LayoutShape): Layout {
  const { capacity, exactRowBytes, m, rowBytes } = shape;
  const perSlot = m > 0 ? capacity : 0;
  return placed(HEAD_BYTES, [
    [ROWS, capacity * rowBytes],
    [LINKS, perSlot * baseDegreeMaxOf(m) * 4],
    [DEGREES, perSlot],
    [DIVERSE_DEGREES, perSlot],
    [LAYER_COUNTS, perSlot],
    [PARENTS, perSlot * 4],
    [TREE_DEGREES, perSlot],
    [ALIVE, bitmapBytes(capacity)],
    [UPPER_OFFSETS, perSlot * 4],
    [UPPER, upperBlocksFor(capacity, m) * (m + 1) * 4],
    [LOCKS, LOCK_COUNT * 4],
    [EXACT_ROWS, capacity * exactRowBytes],
  ]);
}

/** A scratch area from an address on: what one thread needs to search, insert and remove. */
export function scratchLayout(shape: LayoutShape, address: number): Layout {
  const { capacity, exactRowBytes, queryBytes } = shape;
  const foundMax = Math.min(INDEX_LIMITS.efMax, capacity);
  const poolMax = Math.max(foundMax + 2 * DEGREE_MAX, POOL_MIN);
  return placed(address + SCRATCH_HEAD_BYTES, [
    [QUERY, queryBytes],
    [EXACT_QUERY, exactRowBytes],
    [FRESH, (DEGREE_MAX + 1) * 4],
    [AROUND, (DEGREE_MAX + 1) * 4],
    [SOURCES, SOURCES_MAX * 4],
    [SOURCE_DEGREES, SOURCES_MAX * 4],
    [WAITING, (DEGREE_MAX + 1) * 4],
    [RESULTS, foundMax * 8],
    [FOUND, foundMax * 8],
    [POOL, poolMax * 8],
    [CHOSEN, 2 * DEGREE_MAX * 8],
    [DISCARDED, poolMax * 8],
    [MARKS, capacity],
    [ACCEPT, bitmapBytes(capacity)],
    [CANDIDATES, (capacity + 1) * 8],
  ]);
}

/**
 * Upper blocks that so many slots will need: their expected number, six deviations and some. A
 * level is geometric with the ratio 1 / M.
 */
export function upperBlocksFor(capacity: number, m: number): number {
  if (m === 0) return 0;
  const mean = capacity / (m - 1);
  const stdDev = Math.sqrt(capacity * m) / (m - 1);
  return Math.ceil(mean + 6 * stdDev) + INDEX_LIMITS.layersMax;
}

/** The smallest capacity, doubling from `slots`, that has room for so many upper blocks. */
export function capacityFor(slots: number, upperBlocks: number, m: number): number {
  let capacity = Math.max(slots, 1);
  while (upperBlocksFor(capacity, m) < upperBlocks) capacity *= 2;
  return capacity;
}

function bitmapBytes(capacity: number): number {
  return Math.ceil(capacity / 32) * 4;
}

function placed(start: number, sizes: readonly (readonly [number, number])[]): Layout {
  let end = aligned(start);
  const regions = sizes.map(([word, bytes]) => {
    const address = end;
    end = aligned(end + bytes);
    return { word, address, bytes };
  });
  return { regions, endBytes: end };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
