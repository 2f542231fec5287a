// One layer of the graph. A row holds the links of one slot; `links` and the two chains are
// [rows × degreeMax]. The chains thread, through the link positions themselves, all links that
// point at one row, so that removing a node finds its sources without a scan.

import type { FlatMemory } from '../memory/flat-memory.ts';
import {
  DEGREES,
  DIVERSE_DEGREES,
  LAYER_REGIONS,
  LAYERS,
  LINKS,
  ROW_OF_SLOT,
} from '../memory/memory-map.ts';
import type { Region } from '../memory/region.ts';

const NONE = -1;

/**
 * Directed links between slots, with their reverse.
 *
 * Invariant: a position below a row's degree is in exactly one chain, that of its target.
 */
export class LinkLayer {
  readonly degreeMax: number;
  /** Target slots, `[rows × degreeMax]`. */
  readonly #links: Region<Int32Array>;
  /** Links in use per row. */
  readonly #degrees: Region<Int32Array>;
  /** How many of a row's first links are known to be diverse; a memo that saves distances. */
  readonly #diverseDegrees: Region<Int32Array>;
  /** Row of each slot, -1 for a slot that is not on this layer. */
  readonly #rowOfSlot: Region<Int32Array>;
  #slotOfRow: Int32Array;
  #firstIn: Int32Array;
  #nextIn: Int32Array;
  #previousIn: Int32Array;
  #rowCount = 0;
  readonly #freeRows: number[] = [];

  constructor(memory: FlatMemory, level: number, degreeMax: number) {
    this.degreeMax = degreeMax;
    const first = LAYERS + LAYER_REGIONS * level;
    this.#links = memory.open(first + LINKS, Int32Array);
    this.#degrees = memory.open(first + DEGREES, Int32Array);
    this.#diverseDegrees = memory.open(first + DIVERSE_DEGREES, Int32Array);
    this.#rowOfSlot = memory.open(first + ROW_OF_SLOT, Int32Array);
    this.#slotOfRow = new Int32Array(0);
    this.#firstIn = new Int32Array(0);
    this.#nextIn = new Int32Array(0);
    this.#previousIn = new Int32Array(0);
  }

  /** Number of slots on this layer. */
  get size(): number {
    return this.#rowCount - this.#freeRows.length;
  }

  has(slot: number): boolean {
    return (this.#rowOfSlot.view[slot] ?? NONE) !== NONE;
  }

  /** The slots on this layer, ascending. */
  slots(): number[] {
    const slots: number[] = [];
    for (let row = 0; row < this.#rowCount; row++) {
      const slot = this.#slotOfRow[row] as number;
      if (slot !== NONE) slots.push(slot);
    }
    return slots.sort((a, b) => a - b);
  }

  degree(slot: number): number {
    return this.#degrees.view[this.#rowOfSlot.view[slot] as number] as number;
  }

  /** Notes that the first links of a row are diverse; removing one forgets those behind it. */
  noteDiverse(slot: number, count: number): void {
    this.#diverseDegrees.view[this.#rowOfSlot.view[slot] as number] = count;
  }

  /** The slots that `slot` points at. */
  targets(slot: number): Int32Array {
    const row = this.#rowOfSlot.view[slot] as number;
    const start = row * this.degreeMax;
    return this.#links.view.slice(start, start + (this.#degrees.view[row] as number));
  }

  /** The slots that point at `slot`, ascending. */
  sources(slot: number): number[] {
    const sources: number[] = [];
    let position = this.#firstIn[this.#rowOfSlot.view[slot] as number] as number;
    while (position !== NONE) {
      sources.push(this.#slotOfRow[Math.floor(position / this.degreeMax)] as number);
      position = this.#nextIn[position] as number;
    }
    return sources.sort((a, b) => a - b);
  }

  linksTo(from: number, to: number): boolean {
    return this.#positionOf(from, to) !== NONE;
  }

  /** Puts a slot on this layer, without links. */
  add(slot: number): void {
    this.#reserveSlot(slot);
    const row = this.#freeRows.pop() ?? this.#rowCount++;
    this.#reserveRow(row);
    this.#rowOfSlot.view[slot] = row;
    this.#slotOfRow[row] = slot;
    this.#firstIn[row] = NONE;
    this.#degrees.view[row] = 0;
    this.#diverseDegrees.view[row] = 0;
  }

  /** Takes a slot off this layer together with every link from it and to it. */
  remove(slot: number): void {
    for (const source of this.sources(slot)) this.unlink(source, slot);
    this.clear(slot);
    const row = this.#rowOfSlot.view[slot] as number;
    this.#rowOfSlot.view[slot] = NONE;
    this.#slotOfRow[row] = NONE;
    this.#freeRows.push(row);
  }

  /** Adds a link that is not there yet to a row that has room. */
  link(from: number, to: number): void {
    const row = this.#rowOfSlot.view[from] as number;
    const position = row * this.degreeMax + (this.#degrees.view[row] as number);
    this.#degrees.view[row] = (this.#degrees.view[row] as number) + 1;
    this.#links.view[position] = to;
    this.#chain(position, to);
  }

  /** Removes one link if it is there. */
  unlink(from: number, to: number): void {
    const position = this.#positionOf(from, to);
    if (position === NONE) return;
    this.#unchain(position);
    const row = this.#rowOfSlot.view[from] as number;
    const degree = (this.#degrees.view[row] as number) - 1;
    this.#degrees.view[row] = degree;
    const last = row * this.degreeMax + degree;
    const kept = Math.min(
      this.#diverseDegrees.view[row] as number,
      position - row * this.degreeMax,
    );
    this.#diverseDegrees.view[row] = kept;
    if (position === last) return;
    const moved = this.#links.view[last] as number;
    this.#unchain(last);
    this.#links.view[position] = moved;
    this.#chain(position, moved);
  }

  /** Removes every link from `slot`. */
  clear(slot: number): void {
    const row = this.#rowOfSlot.view[slot] as number;
    const start = row * this.degreeMax;
    const end = start + (this.#degrees.view[row] as number);
    for (let position = start; position < end; position++) this.#unchain(position);
    this.#degrees.view[row] = 0;
    this.#diverseDegrees.view[row] = 0;
  }

  #positionOf(from: number, to: number): number {
    const row = this.#rowOfSlot.view[from] as number;
    const start = row * this.degreeMax;
    const end = start + (this.#degrees.view[row] as number);
    for (let position = start; position < end; position++) {
      if (this.#links.view[position] === to) return position;
    }
    return NONE;
  }

  #chain(position: number, target: number): void {
    const row = this.#rowOfSlot.view[target] as number;
    const head = this.#firstIn[row] as number;
    this.#nextIn[position] = head;
    this.#previousIn[position] = NONE;
    if (head !== NONE) this.#previousIn[head] = position;
    this.#firstIn[row] = position;
  }

  #unchain(position: number): void {
    const next = this.#nextIn[position] as number;
    const previous = this.#previousIn[position] as number;
    if (next !== NONE) this.#previousIn[next] = previous;
    if (previous !== NONE) this.#nextIn[previous] = next;
    else this.#firstIn[this.#rowOfSlot.view[this.#links.view[position] as number] as number] = next;
  }

  #reserveSlot(slot: number): void {
    const { length } = this.#rowOfSlot.view;
    if (slot >= length) this.#rowOfSlot.reserve(Math.max(slot + 1, length * 2, 16), NONE);
  }

  #reserveRow(row: number): void {
    if (row < this.#slotOfRow.length) return;
    const rows = Math.max(row + 1, this.#slotOfRow.length * 2, 16);
    this.#degrees.reserve(rows);
    this.#diverseDegrees.reserve(rows);
    this.#links.reserve(rows * this.degreeMax, NONE);
    this.#slotOfRow = grown(this.#slotOfRow, rows, NONE);
    this.#firstIn = grown(this.#firstIn, rows, NONE);
    this.#nextIn = grown(this.#nextIn, rows * this.degreeMax, NONE);
    this.#previousIn = grown(this.#previousIn, rows * this.degreeMax, NONE);
  }
}

function grown(array: Int32Array, length: number, filler: number): Int32Array {
  const larger = new Int32Array(length).fill(filler);
  larger.set(array);
  return larger;
}
