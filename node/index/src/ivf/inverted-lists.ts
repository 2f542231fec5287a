// Inverted lists in one memory: the rows of a list lie back to back.
//   query | keys | positions | rows of list, spare places | rows of list, spare places | …

import { measureOf, writeRow } from '../codec/distance.ts';
import type { Metric, SlotSet, VectorType } from '../vector-index.ts';
import type { DistanceHeap } from './distance-heap.ts';
import { IvfMemory } from './ivf-kernel.ts';
import { ListExtents } from './list-extents.ts';
import type { SourceRows } from './nearest-centroids.ts';

export interface RowShape {
  readonly dimension: number;
  readonly metric: Metric;
  readonly vectorType: VectorType;
}

/** Rows that the kernel ranks in one call. */
const BLOCK_ROWS = 1_024;
// The kernel loads sixteen bytes at a time.
const ROW_UNIT_BYTES = 16;

/**
 * Rows by list. A position is a row's place in the memory; it changes when its list moves.
 *
 * Invariant: `#positions[slot]` and `#slots[position]` are inverse to each other for rows that are
 * there; every place behind the rows of a list is zero.
 */
export class InvertedLists {
  readonly shape: RowShape;
  readonly #memory: IvfMemory;
  readonly #rowLength: number;
  readonly #rowBytes: number;
  readonly #rowsAddress: number;
  readonly #keysAddress: number;
  readonly #extents: ListExtents;
  #slots = new Int32Array(0);
  #positions = new Int32Array(64).fill(-1);
  #listOfSlot = new Int32Array(64);
  #rows: SourceRows;
  #keys: Uint32Array;
  #some: Int32Array;

  /** @param sizes - rows that each list will hold, for whom room is made; more may follow */
  constructor(shape: RowShape, sizes: Int32Array) {
    this.shape = shape;
    const isBytes = shape.vectorType === 'u8';
    const unit = isBytes ? ROW_UNIT_BYTES : ROW_UNIT_BYTES / 4;
    this.#rowLength = Math.ceil(shape.dimension / unit) * unit;
    this.#rowBytes = (this.#rowLength / unit) * ROW_UNIT_BYTES;
    this.#keysAddress = this.#rowBytes;
    this.#rowsAddress = this.#keysAddress + BLOCK_ROWS * 8;
    this.#memory = new IvfMemory(this.#rowsAddress);
    this.#memory.kernel.configure(measureOf(shape.metric, shape.vectorType), this.#rowBytes);
    this.#extents = new ListExtents(sizes.length);
    this.#rows = new Uint8Array(0);
    this.#keys = new Uint32Array(0);
    this.#some = new Int32Array(0);
    this.reserve(sizes);
  }

  get lists(): number {
    return this.#extents.lists;
  }

  /** Bytes of rows and spare places, of what says which is where, and of what scans work in. */
  get bytes(): { readonly rows: number; readonly places: number; readonly scratch: number } {
    const { byteLength: positions } = this.#positions;
    const places = this.#slots.byteLength + positions + this.#listOfSlot.byteLength;
    return { rows: this.#rows.byteLength, places, scratch: this.#rowsAddress };
  }

  sizeOf(list: number): number {
    return this.#extents.lengthOf(list);
  }

  /**
   * Makes room for more rows in every list, so that adding them cannot fail.
   *
   * @param added - rows to come, by list
   * @throws IndexError `limit-exceeded`
   */
  reserve(added: Int32Array): void {
    const moves = this.#extents.plan(added);
    const { end } = moves;
    this.#memory.growTo(this.#rowsAddress + end * this.#rowBytes);
    this.#refresh(end);
    for (const { from, length, to } of moves.steps) this.#move(from, to, length);
    this.#extents.accept(moves);
  }

  /** Whether so many places are unused that the lists should be packed. */
  get isScattered(): boolean {
    return this.#extents.isScattered;
  }

  /** Adds a row as the caller gave it, `source` `[n × dimension]`, to a list that has room. */
  add(list: number, slot: number, source: SourceRows, sourceRow: number): void {
    const { dimension, metric } = this.shape;
    const target = this.#append(list, slot) * this.#rowLength;
    writeRow(metric, source, sourceRow * dimension, this.#rows, target, dimension);
  }

  /** Adds a row as it was stored, `stored` `[n × dimension]`, to a list that has room. */
  restore(list: number, slot: number, stored: SourceRows, storedRow = 0): void {
    const { dimension } = this.shape;
    const start = storedRow * dimension;
    const target = this.#append(list, slot) * this.#rowLength;
    this.#rows.set(stored.subarray(start, start + dimension), target);
  }

  /** Takes a row out and wipes it; the last row of its list takes its place. */
  remove(slot: number): void {
    const list = this.#listOfSlot[slot] as number;
    const position = this.#positions[slot] as number;
    const last = this.#extents.removeLast(list);
    if (last !== position) {
      const start = last * this.#rowLength;
      this.#rows.copyWithin(position * this.#rowLength, start, start + this.#rowLength);
      this.#name(position, this.#slots[last] as number, list);
    }
    this.#rows.fill(0, last * this.#rowLength, (last + 1) * this.#rowLength);
    this.#positions[slot] = -1;
  }

  /** The slots of a list, in the order of its rows; a view that the next change ends. */
  slotsOf(list: number): Int32Array {
    const start = this.#extents.startOf(list);
    return this.#slots.subarray(start, start + this.sizeOf(list));
  }

  /** The components of a stored row; a view that the next change ends. */
  rowOf(slot: number): SourceRows {
    const start = (this.#positions[slot] as number) * this.#rowLength;
    return this.#rows.subarray(start, start + this.shape.dimension);
  }

  /** Sets the query of the scans to come, `[dimension]`. */
  prepare(query: SourceRows): void {
    const { dimension, metric } = this.shape;
    const isBytes = this.shape.vectorType === 'u8';
    const target = isBytes
      ? new Uint8Array(this.#memory.buffer, 0, dimension)
      : new Float32Array(this.#memory.buffer, 0, dimension);
    writeRow(metric, query, 0, target, 0, dimension);
  }

  /**
   * Keeps the k nearest of a list and of what the heap holds, under negated rank keys: farthest on
   * top. Returns how many rows it compared.
   */
  scan(list: number, k: number, nearest: DistanceHeap, accept?: SlotSet): number {
    const start = this.#extents.startOf(list);
    const end = start + this.sizeOf(list);
    let compared = 0;
    for (let first = start; first < end; first += BLOCK_ROWS) {
      const blockEnd = Math.min(end, first + BLOCK_ROWS);
      compared += accept
        ? this.#scanSome(first, blockEnd, k, nearest, accept)
        : this.#scanRun(first, blockEnd, k, nearest);
    }
    return compared;
  }

  /** The same over the rows of a set, in whichever lists they are. */
  scanSet({ words }: SlotSet, k: number, nearest: DistanceHeap): number {
    let compared = 0;
    let count = 0;
    for (const [at, word] of words.entries()) {
      for (let bits = word; bits !== 0; bits &= bits - 1) {
        const slot = at * 32 + 31 - Math.clz32(bits & -bits);
        const position = this.#positions[slot] ?? -1;
        if (position < 0) continue;
        this.#some[count++] = position;
        if (count < BLOCK_ROWS) continue;
        this.#rankListed(count, k, nearest);
        compared += count;
        count = 0;
      }
    }
    this.#rankListed(count, k, nearest);
    return compared + count;
  }

  #scanRun(first: number, end: number, k: number, nearest: DistanceHeap): number {
    const rows = this.#rowsAddress + first * this.#rowBytes;
    const count = end - first;
    this.#memory.kernel.rankCodes(0, rows, count, this.#keysAddress);
    for (let i = 0; i < count; i++) {
      this.#offer(this.#keys[i] as number, first + i, k, nearest);
    }
    return count;
  }

  #scanSome(
    first: number,
    end: number,
    k: number,
    nearest: DistanceHeap,
    { words }: SlotSet,
  ): number {
    let count = 0;
    for (let position = first; position < end; position++) {
      const slot = this.#slots[position] as number;
      const word = words[slot >> 5] ?? 0;
      if ((word >>> (slot & 31)) & 1) this.#some[count++] = position;
    }
    this.#rankListed(count, k, nearest);
    return count;
  }

  #rankListed(count: number, k: number, nearest: DistanceHeap): void {
    const { byteOffset } = this.#some;
    this.#memory.kernel.rankListed(0, this.#rowsAddress, byteOffset, count, this.#keysAddress);
    for (let i = 0; i < count; i++) {
      this.#offer(this.#keys[i] as number, this.#some[i] as number, k, nearest);
    }
  }

  #offer(key: number, position: number, k: number, nearest: DistanceHeap): void {
    if (nearest.length < k) nearest.push(-key, this.#slots[position] as number);
    else if (key < -nearest.topKey()) nearest.replaceTop(-key, this.#slots[position] as number);
  }

  #append(list: number, slot: number): number {
    const position = this.#extents.append(list);
    this.#name(position, slot, list);
    return position;
  }

  #name(position: number, slot: number, list: number): void {
    if (slot >= this.#positions.length) {
      const length = Math.max(slot + 1, this.#positions.length * 2);
      this.#positions = enlarged(this.#positions, length);
      this.#listOfSlot = enlarged(this.#listOfSlot, length);
    }
    this.#slots[position] = slot;
    this.#positions[slot] = position;
    this.#listOfSlot[slot] = list;
  }

  #move(from: number, to: number, length: number): void {
    const start = from * this.#rowLength;
    const end = (from + length) * this.#rowLength;
    this.#rows.copyWithin(to * this.#rowLength, start, end);
    this.#slots.copyWithin(to, from, from + length);
    for (let position = to; position < to + length; position++) {
      this.#positions[this.#slots[position] as number] = position;
    }
    this.#rows.fill(0, start, end);
  }

  #refresh(end: number): void {
    const { buffer } = this.#memory;
    if (this.#slots.length < end) this.#slots = enlarged(this.#slots, end);
    const places = Math.floor((buffer.byteLength - this.#rowsAddress) / this.#rowBytes);
    const length = places * this.#rowLength;
    const isBytes = this.shape.vectorType === 'u8';
    this.#rows = isBytes
      ? new Uint8Array(buffer, this.#rowsAddress, length)
      : new Float32Array(buffer, this.#rowsAddress, length);
    this.#keys = new Uint32Array(buffer, this.#keysAddress, BLOCK_ROWS);
    this.#some = new Int32Array(buffer, this.#keysAddress + BLOCK_ROWS * 4, BLOCK_ROWS);
  }
}

function enlarged(values: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length).fill(-1);
  larger.set(values);
  return larger;
}
