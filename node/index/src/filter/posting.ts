import { RowSet } from './row-set.ts';

/** A term held by more than one row in 32 is cheaper as a bitmap than as a list. */
const ROWS_PER_BITMAP_ROW = 32;
const LIST_ROWS_MIN = 64;

/** Says whether a slot holds the term now. */
export type Holds = (slot: number) => boolean;

/**
 * The rows that hold one term: a list, which may still name rows that no longer do, or a bitmap.
 *
 * Invariant: `count` rows hold the term and the list or bitmap names them all; the list is at most
 * twice as long, and `LIST_ROWS_MIN` more.
 */
export class Posting {
  #count = 0;
  #list = new Int32Array(2);
  #length = 0;
  #rows: RowSet | undefined;

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#list.byteLength + (this.#rows?.words.byteLength ?? 0);
  }

  /** @param slot - a row that holds the term now and did not before */
  add(slot: number, slotCount: number, holds: Holds): void {
    this.#count++;
    if (this.#rows !== undefined) {
      this.#rows.add(slot);
      return;
    }
    if (this.#length === this.#list.length) {
      const list = new Int32Array(2 * this.#length);
      list.set(this.#list);
      this.#list = list;
    }
    this.#list[this.#length++] = slot;
    if (this.#count > LIST_ROWS_MIN && this.#count * ROWS_PER_BITMAP_ROW > slotCount) {
      this.#rows = this.#named(holds);
      this.#list = new Int32Array(0);
      this.#length = 0;
    }
  }

  /** @param slot - a row that held the term before and does not now */
  delete(slot: number, holds: Holds): void {
    this.#count--;
    if (this.#rows !== undefined) this.#rows.delete(slot);
    else if (this.#length > 2 * this.#count + LIST_ROWS_MIN) {
      this.#list = this.#named(holds).toSlots();
      this.#length = this.#list.length;
      if (this.#length === 0) this.#list = new Int32Array(2);
    }
  }

  /** Adds the rows that hold the term to a set. */
  addTo(found: RowSet, holds: Holds): void {
    if (this.#rows !== undefined) {
      found.addAll(this.#rows);
      return;
    }
    for (let at = 0; at < this.#length; at++) {
      const slot = this.#list[at] as number;
      if (holds(slot)) found.add(slot);
    }
  }

  #named(holds: Holds): RowSet {
    const rows = new RowSet();
    this.addTo(rows, holds);
    return rows;
  }
}
