import { measureOf, writeRow } from '../codec/distance.ts';
import { IndexError } from '../index-error.ts';
import type { Metric, VectorType } from '../vector-index.ts';
import { IdTable } from './id-table.ts';
import { IndexMemory } from './index-memory.ts';
import { SLOT_MASK } from './memory-map.ts';

// The kernel loads sixteen bytes at a time.
const ROW_UNIT_BYTES = 16;
const CAPACITY_MIN = 128;
/** Dead slots that may wait for a sweep: this many, or this share of all. */
const DEAD_MIN = 64;
const DEAD_SHARE = 0.05;

export interface TableOptions {
  readonly metric: Metric;
  readonly vectorType: VectorType;
  readonly dimension: number;
  readonly maxElements: number;
  /** The M of a graph; rows have no links when left out. */
  readonly m?: number;
  readonly efConstruction?: number;
  /** Bytes after which most rows are known to be too far, see `dimension-order.ts`. */
  readonly startBytes?: number;
  /** Slots to make room for at once. */
  readonly capacity?: number;
}

/** Components of a row as a caller or the memory holds them. */
export type Components = Float32Array | Uint8Array;

/**
 * Rows of one dimension in the memory of an index, addressed by slot and named by id. A row is
 * padded with zeros to a multiple of 16 bytes.
 *
 * Invariant: every slot below `slotCount` is named, dead or free, and exactly one of them.
 */
export class VectorTable {
  readonly dimension: number;
  readonly metric: Metric;
  readonly maxElements: number;
  readonly vectorType: VectorType;
  readonly rowBytes: number;
  readonly #ids: IdTable;
  #memory: IndexMemory;
  #rows: Components;
  #query: Components;
  /** Descending, so the lowest is taken first. */
  #freeSlots: number[] = [];
  #deadSlots: number[] = [];

  constructor(options: TableOptions) {
    const { dimension, maxElements, metric, vectorType } = options;
    const { capacity = CAPACITY_MIN, efConstruction = 0, m = 0, startBytes = 0 } = options;
    this.metric = metric;
    this.dimension = dimension;
    this.maxElements = maxElements;
    this.vectorType = vectorType;
    const bytes = dimension * (vectorType === 'u8' ? 1 : 4);
    this.rowBytes = Math.ceil(bytes / ROW_UNIT_BYTES) * ROW_UNIT_BYTES;
    const { rowBytes } = this;
    const measure = measureOf(metric, vectorType);
    const shape = {
      capacity,
      rowBytes,
      queryBytes: rowBytes,
      m,
      measure,
      efConstruction,
      startBytes,
    };
    this.#memory = new IndexMemory(shape);
    this.#ids = new IdTable(capacity);
    this.#rows = this.#components(this.#memory.rows);
    this.#query = this.#components(this.#memory.scratch.query);
  }

  /** The memory of today; another one after growth. */
  get memory(): IndexMemory {
    return this.#memory;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Slots that were ever used: live, dead and free ones. */
  get slotCount(): number {
    return this.#memory.slotCount;
  }

  get ids(): IdTable {
    return this.#ids;
  }

  get freeSlots(): readonly number[] {
    return this.#freeSlots;
  }

  get deadSlots(): readonly number[] {
    return this.#deadSlots;
  }

  /** Whether so many slots are dead that they should be swept. */
  get isSweepDue(): boolean {
    return this.#deadSlots.length >= slackOf(this.slotCount);
  }

  slotOf(id: string): number | undefined {
    return this.#ids.slotOf(id);
  }

  idOf(slot: number): string | undefined {
    return this.#ids.idOf(slot);
  }

  /** The stored row of a slot, `[dimension]`; a copy. Cosine keeps rows of length one. */
  vectorOf(slot: number): Float32Array {
    return Float32Array.from(this.componentsOf(slot));
  }

  /** The stored row of a slot, `[dimension]`; a view until the memory grows. */
  componentsOf(slot: number): Components {
    const start = slot * this.#rowLength();
    return this.#rows.subarray(start, start + this.dimension);
  }

  /** Writes a row to where searches take their query from. */
  writeQuery(query: Components): void {
    writeRow(this.metric, query, 0, this.#query, 0, this.dimension);
  }

  /**
   * Makes room for a whole batch before the first row of it is written.
   *
   * @throws IndexError `limit-exceeded` when the batch would pass `maxElements` or the memory
   */
  reserveFor(ids: readonly string[]): void {
    let added = 0;
    for (const id of ids) if (this.slotOf(id) === undefined) added++;
    this.reserve(this.size + added, added);
  }

  /** Makes room for so many rows, `added` of which are new. */
  reserve(size: number, added = size - this.size): void {
    if (size > this.maxElements) {
      throw new IndexError(
        'limit-exceeded',
        `${this.size} rows and ${added} new ones violate size <= maxElements = ` +
          `${this.maxElements}; nothing was inserted, open an index with a larger maxElements`,
      );
    }
    const { capacity } = this.#memory;
    if (size + slackOf(size) <= capacity) return;
    const roomy = Math.max(size, Math.min(2 * capacity, this.maxElements));
    this.#growTo(Math.min(roomy + slackOf(roomy), SLOT_MASK), size);
  }

  /** A slot to use, neither dead nor alive; -1 when only a sweep can free one. */
  takeSlot(): number {
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    const { slotCount } = this;
    if (slotCount < this.#memory.capacity) {
      this.#memory.slotCount = slotCount + 1;
      return slotCount;
    }
    if (this.#deadSlots.length > 0) return -1;
    this.#growTo(Math.min(2 * slotCount, SLOT_MASK), slotCount + 1);
    return this.takeSlot();
  }

  /** Names a slot and writes its row from `source`. */
  writeSlot(slot: number, id: string, source: Components, sourceStart: number): void {
    const start = slot * this.#rowLength();
    writeRow(this.metric, source, sourceStart, this.#rows, start, this.dimension);
    this.#ids.set(slot, id);
  }

  /** Takes the name of a slot away; it is not used again before it is freed. */
  bury(slot: number): void {
    this.#ids.delete(slot);
    this.#deadSlots.push(slot);
  }

  /** The dead slots, for whoever frees them; they are no longer counted as dead. */
  takeDead(): readonly number[] {
    const dead = this.#deadSlots;
    this.#deadSlots = [];
    return dead;
  }

  /** Wipes the rows of slots without name and lets them be used again. */
  free(slots: readonly number[]): void {
    const { rowBytes } = this;
    for (const slot of slots) {
      this.#memory.rows.fill(0, slot * rowBytes, (slot + 1) * rowBytes);
    }
    const [slot] = slots;
    if (slots.length === 1 && slot !== undefined) this.#insertFree(slot);
    else this.#freeSlots = [...this.#freeSlots, ...slots].sort((a, b) => b - a);
  }

  /** Takes the names of slots away that nothing links to, and frees them. */
  withdraw(slots: readonly number[]): void {
    for (const slot of slots) this.#ids.delete(slot);
    this.free(slots);
  }

  /** After slots below `slotCount` were written from outside: those without id are free. */
  restoreFree(): void {
    this.#freeSlots = [];
    for (let slot = this.slotCount - 1; slot >= 0; slot--) {
      if (!this.#ids.has(slot)) this.#freeSlots.push(slot);
    }
  }

  #insertFree(slot: number): void {
    let [low, high] = [0, this.#freeSlots.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#freeSlots[middle] as number) > slot) low = middle + 1;
      else high = middle;
    }
    this.#freeSlots.splice(low, 0, slot);
  }

  #growTo(wanted: number, needed: number): void {
    try {
      this.#memory = this.#memory.grown(wanted);
    } catch {
      // Without spare slots it may fit, or nothing need grow at all.
      if (needed <= this.#memory.capacity) return;
      this.#memory = this.#memory.grown(needed);
    }
    this.#ids.grow(this.#memory.capacity);
    this.#rows = this.#components(this.#memory.rows);
    this.#query = this.#components(this.#memory.scratch.query);
  }

  #rowLength(): number {
    return this.vectorType === 'u8' ? this.rowBytes : this.rowBytes / 4;
  }

  #components(bytes: Uint8Array): Components {
    if (this.vectorType === 'u8') return bytes;
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  }
}

/** Spare slots, so that replacing rows of a full index needs no sweep each time. */
function slackOf(slots: number): number {
  return Math.max(DEAD_MIN, Math.ceil(slots * DEAD_SHARE));
}
