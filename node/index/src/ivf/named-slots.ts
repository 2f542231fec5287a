import { IdTable } from '../memory/id-table.ts';

const CAPACITY_MIN = 64;

/**
 * Slots and their ids, and which slots are free.
 *
 * Invariant: every slot below `slotCount` is either named or in the free list, never both.
 */
export class NamedSlots {
  readonly #ids = new IdTable(CAPACITY_MIN);
  #freeSlots: number[] = [];
  #capacity = CAPACITY_MIN;
  #slotCount = 0;

  get size(): number {
    return this.#ids.size;
  }

  /** Slots that were ever used: live and free ones. */
  get slotCount(): number {
    return this.#slotCount;
  }

  /** Slots that there is room for. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Free slots; the last one is used first. */
  get freeSlots(): readonly number[] {
    return this.#freeSlots;
  }

  /** Bytes of the table, and of the characters in it. */
  get bytes(): { readonly table: number; readonly characters: number } {
    return this.#ids.bytes;
  }

  slotOf(id: string): number | undefined {
    return this.#ids.slotOf(id);
  }

  idOf(slot: number): string | undefined {
    return this.#ids.idOf(slot);
  }

  ids(): IterableIterator<string> {
    return this.#ids.ids();
  }

  /** Makes room for so many named slots; it doubles at least, so it is cheap to ask for one more. */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(rows, 2 * this.#capacity);
    this.#ids.grow(this.#capacity);
  }

  /** Gives a slot to an id that has none. */
  add(id: string): number {
    this.reserve(this.size + 1);
    const slot = this.#freeSlots.pop() ?? this.#slotCount++;
    this.#ids.set(slot, id);
    return slot;
  }

  /** Takes the slot of an id back. */
  remove(slot: number): void {
    this.#ids.delete(slot);
    this.#freeSlots.push(slot);
  }

  /** The ids as `restore` takes them. */
  records(): Uint8Array {
    return this.#ids.records(this.#slotCount);
  }

  /** Fills an empty table from stored `records`; says whether ids and free slots are such. */
  restore(records: Uint8Array, slotCount: number, freeSlots: Int32Array): boolean {
    this.reserve(slotCount);
    if (!this.#ids.restore(records, slotCount)) return false;
    this.#slotCount = slotCount;
    this.#freeSlots = [...freeSlots];
    return (
      new Set(freeSlots).size === freeSlots.length &&
      freeSlots.length === slotCount - this.size &&
      freeSlots.every((slot) => slot >= 0 && slot < slotCount && !this.#ids.has(slot))
    );
  }
}
