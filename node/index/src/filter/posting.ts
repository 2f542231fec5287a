import { RowSet } from './row-set.ts';

/** A term held by more than one row in 32 is cheaper as a bitmap than as a list. */
const ROWS_PER_BITMAP_ROW = 32;
const LIST_ROWS_MIN = 64;

/** Bytes of the objects of a posting, roughly. */
const POSTING_BYTES = 100;

/** Says whether a slot holds the term of a code now. */
export type HoldsCode = (slot: number, code: number) => boolean;

/**
 * The rows that hold one term: a list, which may still name rows that no longer do, or a bitmap.
 *
 * Invariant: `count` rows hold the term and the list or bitmap names them all; the list is at most
 * twice as long, and `LIST_ROWS_MIN` more.
 */
export class Posting {
  readonly #holds: HoldsCode;
  readonly #code: number;
  #count = 0;
  /** Not a typed array: those cost hundreds of bytes each, and most terms have few rows. */
  #list: number[] = [];
  #rows: RowSet | undefined;

  constructor(code: number, holds: HoldsCode) {
    this.#code = code;
    this.#holds = holds;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return POSTING_BYTES + 8 * this.#list.length + (this.#rows?.words.byteLength ?? 0);
  }

  /** @param slot - a row that holds the term now and did not before */
  add(slot: number, slotCount: number): void {
    this.#count++;
    if (this.#rows !== undefined) {
      this.#rows.add(slot);
      return;
    }
    this.#list.push(slot);
    if (this.#count > LIST_ROWS_MIN && this.#count * ROWS_PER_BITMAP_ROW > slotCount) {
      this.#rows = this.#named();
      this.#list = [];
    }
  }

  /** @param slot - a row that held the term before and does not now */
  delete(slot: number): void {
    this.#count--;
    if (this.#rows !== undefined) this.#rows.delete(slot);
    else if (this.#list.length > 2 * this.#count + LIST_ROWS_MIN) {
      this.#list = [...this.#named().toSlots()];
    }
  }

  /** Adds the rows that hold the term to a set. */
  addTo(found: RowSet): void {
    if (this.#rows !== undefined) {
      found.addAll(this.#rows);
      return;
    }
    for (const slot of this.#list) if (this.#holds(slot, this.#code)) found.add(slot);
  }

  #named(): RowSet {
    const rows = new RowSet();
    this.addTo(rows);
    return rows;
  }
}
