import { writeRow } from './distance.ts';
import { IndexError } from './index-error.ts';
import type { Metric } from './vector-index.ts';

/**
 * Rows of one dimension in one flat array, addressed by slot and named by id.
 *
 * Invariant: `slotById` and `#idBySlot` are inverse to each other; every slot below `slotCount`
 * is either named or in the free list, never both.
 */
export class VectorTable {
  readonly dimension: number;
  readonly metric: Metric;
  readonly maxElements: number;
  /** `[capacity × dimension]`; replaced when the table grows, so read it afresh. */
  vectors: Float32Array;
  readonly #slotById = new Map<string, number>();
  readonly #idBySlot: (string | undefined)[] = [];
  readonly #freeSlots: number[] = [];

  constructor(metric: Metric, dimension: number, maxElements: number) {
    this.metric = metric;
    this.dimension = dimension;
    this.maxElements = maxElements;
    this.vectors = new Float32Array(0);
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
    const { metric, dimension } = this;
    writeRow(metric, source, sourceStart, this.vectors, slot * dimension, dimension);
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
    this.vectors.fill(0, slot * this.dimension, (slot + 1) * this.dimension);
  }

  /**
   * Restores a stored table as it was, free slots included.
   *
   * @param vectors - `[ids.length × dimension]`, rows as they were stored
   */
  restore(ids: readonly (string | null)[], freeSlots: Int32Array, vectors: Float32Array): void {
    for (const [slot, id] of ids.entries()) {
      this.#idBySlot[slot] = id ?? undefined;
      if (id !== null) this.#slotById.set(id, slot);
    }
    for (const slot of freeSlots) this.#freeSlots.push(slot);
    this.vectors = vectors;
  }

  #reserve(slotCount: number): void {
    const capacity = this.vectors.length / this.dimension;
    if (slotCount <= capacity) return;
    const wanted = Math.min(Math.max(slotCount, capacity * 2, 16), this.maxElements);
    const vectors = new Float32Array(wanted * this.dimension);
    vectors.set(this.vectors);
    this.vectors = vectors;
  }
}
