import {
  type Column,
  type ColumnSection,
  type ColumnTest,
  exactly,
  type RowEstimate,
  type StoredValue,
} from './column-types.ts';
import { RowSet } from './row-set.ts';
import { textBytes, wordBytes } from './section-bytes.ts';
import { TermPostings } from './term-postings.ts';

/** Room for rows whose records were replaced, before the pool is written anew. */
const GARBAGE_MIN = 1_024;

/**
 * Several texts per row. The row's record in the pool is their number and their codes.
 *
 * Invariant: `#garbage` integers of the first `#used` belong to no row.
 */
export class KeywordsColumn implements Column {
  readonly type = 'keywords';
  readonly present = new RowSet();
  readonly #postings = new TermPostings((slot, code) => this.#hasCode(slot, code));
  #places = new Int32Array(0);
  #pool = new Int32Array(0);
  #used = 0;
  #garbage = 0;

  set(slot: number, value: StoredValue): void {
    if (!Array.isArray(value)) throw new TypeError('a column of keywords was given no list');
    this.clear(slot);
    const codes = value.map((term: string) => this.#postings.codeOf(term));
    this.present.add(slot);
    if (slot >= this.#places.length) this.#places = grown(this.#places, slot + 1);
    const end = this.#used + codes.length + 1;
    if (end > this.#pool.length) this.#pool = grown(this.#pool, end);
    this.#places[slot] = this.#used;
    this.#pool[this.#used] = codes.length;
    this.#pool.set(codes, this.#used + 1);
    this.#used = end;
    for (const code of codes) this.#postings.add(code, slot, this.#places.length);
  }

  clear(slot: number): void {
    if (!this.present.has(slot)) return;
    const codes = this.#codesOf(slot).slice();
    this.present.delete(slot);
    this.#garbage += codes.length + 1;
    for (const code of codes) this.#postings.delete(code, slot);
    if (this.#garbage > GARBAGE_MIN && 2 * this.#garbage > this.#used) this.#rewrite();
  }

  get(slot: number): readonly string[] | undefined {
    if (!this.present.has(slot)) return undefined;
    return Array.from(this.#codesOf(slot), (code) => this.#postings.terms[code] as string);
  }

  select(test: ColumnTest): RowSet {
    return test.kind === 'exists' ? this.present.clone() : this.#postings.select(test);
  }

  estimate(test: ColumnTest): RowEstimate {
    const { count } = this.present;
    return test.kind === 'exists' ? exactly(count) : this.#postings.estimate(test, count);
  }

  holds(slot: number, test: ColumnTest): boolean {
    const own = this.get(slot);
    if (own === undefined) return false;
    if (test.kind === 'any') return own.some((term) => test.terms.has(term));
    if (test.kind === 'all')
      return own.filter((term) => test.terms.has(term)).length === test.terms.size;
    return test.kind !== 'prefix' || own.some((term) => term.startsWith(test.prefix));
  }

  encode(slotCount: number): readonly ColumnSection[] {
    const counts = new Int32Array(slotCount);
    const codes: number[] = [];
    for (const slot of this.present.toSlots()) {
      const own = this.#codesOf(slot);
      counts[slot] = own.length;
      for (const code of own) codes.push(code);
    }
    return [
      { name: 'present', bytes: wordBytes(this.present, slotCount) },
      { name: 'counts', bytes: new Uint8Array(counts.buffer) },
      { name: 'codes', bytes: new Uint8Array(Int32Array.from(codes).buffer) },
      { name: 'terms', bytes: textBytes(this.#postings.terms) },
    ];
  }

  get bytes(): number {
    const arrays = this.#places.byteLength + this.#pool.byteLength;
    return this.present.words.byteLength + arrays + this.#postings.bytes;
  }

  #codesOf(slot: number): Int32Array {
    const place = this.#places[slot] as number;
    return this.#pool.subarray(place + 1, place + 1 + (this.#pool[place] as number));
  }

  #hasCode(slot: number, code: number): boolean {
    return this.present.has(slot) && this.#codesOf(slot).includes(code);
  }

  #rewrite(): void {
    const pool = new Int32Array(this.#used - this.#garbage);
    let used = 0;
    for (const slot of this.present.toSlots()) {
      const codes = this.#codesOf(slot);
      pool[used] = codes.length;
      pool.set(codes, used + 1);
      this.#places[slot] = used;
      used += codes.length + 1;
    }
    this.#pool = pool;
    this.#used = used;
    this.#garbage = 0;
  }
}

function grown(values: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(length, 2 * values.length, 64));
  larger.set(values);
  return larger;
}
