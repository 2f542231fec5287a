import { writeRow } from '../codec/distance.ts';
import { IndexError } from '../index-error.ts';
import type { Metric, VectorType } from '../vector-index.ts';
import type { FlatMemory } from './flat-memory.ts';
import { ROWS } from './memory-map.ts';
import type { Region } from './region.ts';

// The kernel loads sixteen bytes at a time.
const ROW_UNIT_BYTES = 16;

export interface TableOptions {
  readonly metric: Metric;
  readonly vectorType: VectorType;
  readonly dimension: number;
  readonly maxElements: number;
}

type RowArray = Float32Array | Uint8Array;

/**
 * Rows of one dimension in one region of the memory, addressed by slot and named by id.
 * A row is padded with zeros to a multiple of 16 bytes.
 *
 * Invariant: `slotById` and `#idBySlot` are inverse to each other; every slot below `slotCount`
 * is either named or in the free list, never both.
 */
export class VectorTable {
  readonly dimension: number;
  readonly metric: Metric;
  readonly maxElements: number;
  /** Components of a stored row, the padding included. */
  readonly rowLength: number;
  readonly vectorType: VectorType;
  readonly rowBytes: number;
  readonly #rows: Region<RowArray>;
  readonly #slotById = new Map<string, number>();
  readonly #idBySlot: (string | undefined)[] = [];
  readonly #freeSlots: number[] = [];

  constructor(memory: FlatMemory, options: TableOptions) {
    const { dimension, maxElements, metric, vectorType } = options;
    this.metric = metric;
    this.dimension = dimension;
    this.maxElements = maxElements;
    this.vectorType = vectorType;
    const unit = ROW_UNIT_BYTES / (vectorType === 'u8' ? 1 : 4);
    this.rowLength = Math.ceil(dimension / unit) * unit;
    this.rowBytes = (this.rowLength / unit) * ROW_UNIT_BYTES;
    this.#rows = this.openRows(memory, ROWS);
  }

  get size(): number {
    return this.#slotById.size;
  }

  /** Slots that were ever used: live and free ones. */
  get slotCount(): number {
    return this.#idBySlot.length;
  }

  slotOf(id: string): number | undefined {
    return this.#slotById.get(id);
  }

  /** Opens a region for rows like those of this table. */
  openRows(memory: FlatMemory, number: number): Region<RowArray> {
    return this.vectorType === 'u8'
      ? memory.open<RowArray>(number, Uint8Array)
      : memory.open<RowArray>(number, Float32Array);
  }

  /** Where the row of a slot begins in the memory; changes when anything grows. */
  addressOf(slot: number): number {
    return this.#rows.address + slot * this.rowBytes;
  }

  /** The row of a slot without padding, as it is stored; a copy. */
  copyRow(slot: number): Float32Array {
    const start = slot * this.rowLength;
    return Float32Array.from(this.#rows.view.subarray(start, start + this.dimension));
  }

  /** The stored rows without padding, `[slotCount × dimension]`; a copy. */
  copyRows(): RowArray {
    const { dimension, rowLength } = this;
    const length = this.slotCount * dimension;
    const rows = this.vectorType === 'u8' ? new Uint8Array(length) : new Float32Array(length);
    for (let slot = 0; slot < this.slotCount; slot++) {
      const start = slot * rowLength;
      rows.set(this.#rows.view.subarray(start, start + dimension), slot * dimension);
    }
    return rows;
  }

  idOf(slot: number): string | undefined {
    return this.#idBySlot[slot];
  }

  ids(): IterableIterator<string> {
    return this.#slotById.keys();
  }

  freeSlots(): readonly number[] {
    return this.#freeSlots;
  }

  /**
   * Makes room for a whole batch before the first row of it is written.
   *
   * @throws IndexError `limit-exceeded` when the batch would pass `maxElements`
   */
  reserveFor(ids: readonly string[]): void {
    let added = 0;
    for (const id of ids) if (!this.#slotById.has(id)) added++;
    const wanted = this.size + added;
    if (wanted > this.maxElements) {
      throw new IndexError(
        'limit-exceeded',
        `${this.size} rows and ${added} new ones violate size <= maxElements = ` +
          `${this.maxElements}; nothing was inserted, open an index with a larger maxElements`,
      );
    }
    this.#reserve(wanted);
  }

  /** Gives a slot to an id that has none and writes its row from `source`. */
  add(id: string, source: Float32Array, sourceStart: number): number {
    const slot = this.#freeSlots.pop() ?? this.#idBySlot.length;
    this.#reserve(slot + 1);
    const { metric, dimension, rowLength } = this;
    writeRow(metric, source, sourceStart, this.#rows.view, slot * rowLength, dimension);
    this.#idBySlot[slot] = id;
    this.#slotById.set(id, slot);
    return slot;
  }

  /** Takes the slot back and wipes its row. */
  remove(slot: number): void {
    const id = this.#idBySlot[slot];
    if (id === undefined) return;
    this.#slotById.delete(id);
    this.#idBySlot[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#rows.view.fill(0, slot * this.rowLength, (slot + 1) * this.rowLength);
  }

  /**
   * Restores a stored table as it was, free slots included.
   *
   * @param vectors - `[ids.length × dimension]`, rows as they were stored
   */
  restore(ids: readonly (string | null)[], freeSlots: Int32Array, vectors: RowArray): void {
    for (const [slot, id] of ids.entries()) {
      this.#idBySlot[slot] = id ?? undefined;
      if (id !== null) this.#slotById.set(id, slot);
    }
    for (const slot of freeSlots) this.#freeSlots.push(slot);
    const { dimension, rowLength } = this;
    this.#rows.reserve(ids.length * rowLength);
    for (let slot = 0; slot < ids.length; slot++) {
      const start = slot * dimension;
      this.#rows.view.set(vectors.subarray(start, start + dimension), slot * rowLength);
    }
  }

  #reserve(slotCount: number): void {
    const capacity = Math.floor(this.#rows.view.length / this.rowLength);
    if (slotCount <= capacity) return;
    const wanted = Math.min(Math.max(slotCount, capacity * 2, 16), this.maxElements);
    this.#rows.reserve(wanted * this.rowLength);
  }
}
