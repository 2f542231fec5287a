import {
  type Column,
  type ColumnSection,
  type ColumnTest,
  exactly,
  type RowEstimate,
  type StoredValue,
} from './column-types.ts';
import { RowSet } from './row-set.ts';
import { textBytes } from './section-bytes.ts';
import { TermPostings } from './term-postings.ts';

/** One text of a dictionary per row, as its code. Terms that no row has any more keep their code. */
export class KeywordColumn implements Column {
  readonly type = 'keyword';
  readonly present = new RowSet();
  readonly #postings = new TermPostings((slot, code) => this.#codes[slot] === code + 1);
  /** One more than the code of the row's term; 0 for none. */
  #codes = new Int32Array(0);

  set(slot: number, value: StoredValue): void {
    if (typeof value !== 'string') throw new TypeError('a column of keywords was given none');
    this.present.add(slot);
    if (slot >= this.#codes.length) this.#grow(slot + 1);
    const code = this.#postings.codeOf(value);
    const before = (this.#codes[slot] as number) - 1;
    if (before === code) return;
    this.#codes[slot] = code + 1;
    if (before >= 0) this.#postings.delete(before, slot);
    this.#postings.add(code, slot, this.#codes.length);
  }

  clear(slot: number): void {
    if (!this.present.delete(slot)) return;
    const before = (this.#codes[slot] as number) - 1;
    this.#codes[slot] = 0;
    this.#postings.delete(before, slot);
  }

  get(slot: number): string | undefined {
    return this.present.has(slot) ? this.#postings.terms[this.#codeAt(slot)] : undefined;
  }

  select(test: ColumnTest): RowSet {
    return test.kind === 'exists' ? this.present.clone() : this.#postings.select(test);
  }

  estimate(test: ColumnTest): RowEstimate {
    const { count } = this.present;
    if (test.kind === 'exists') return exactly(count);
    // A row has one term, so the sum of the postings is exact.
    const { max } = this.#postings.estimate(test, count);
    return exactly(max);
  }

  holds(slot: number, test: ColumnTest): boolean {
    const term = this.get(slot);
    if (term === undefined) return false;
    if (test.kind === 'any') return test.terms.has(term);
    return test.kind === 'prefix' ? term.startsWith(test.prefix) : true;
  }

  encode(slotCount: number): readonly ColumnSection[] {
    const codes = new Int32Array(slotCount);
    codes.set(this.#codes.subarray(0, slotCount));
    return [
      { name: 'codes', bytes: new Uint8Array(codes.buffer) },
      { name: 'terms', bytes: textBytes(this.#postings.terms) },
    ];
  }

  get bytes(): number {
    return this.present.words.byteLength + this.#codes.byteLength + this.#postings.bytes;
  }

  #codeAt(slot: number): number {
    return (this.#codes[slot] as number) - 1;
  }

  #grow(length: number): void {
    const codes = new Int32Array(Math.max(length, 2 * this.#codes.length, 64));
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
