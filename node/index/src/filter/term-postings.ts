import type { ColumnTest, RowEstimate } from './column-types.ts';
import { type HoldsCode, Posting } from './posting.ts';
import { RowSet } from './row-set.ts';

/** Bytes of a map entry and a string object, roughly, beside the text itself. */
const TERM_BYTES = 60;

/** A dictionary: every term has a code, from 0 on, and a posting of the rows that hold it. */
export class TermPostings {
  readonly terms: string[] = [];
  readonly #codes = new Map<string, number>();
  readonly #postings: Posting[] = [];
  readonly #holds: HoldsCode;
  #textBytes = 0;

  constructor(holds: HoldsCode) {
    this.#holds = holds;
  }

  /** The code of a term, a new one if it has none. */
  codeOf(term: string): number {
    const known = this.#codes.get(term);
    if (known !== undefined) return known;
    const code = this.terms.length;
    this.terms.push(term);
    this.#codes.set(term, code);
    this.#postings.push(new Posting(code, this.#holds));
    this.#textBytes += 2 * term.length;
    return code;
  }

  /** The row holds the term now and did not before. */
  add(code: number, slot: number, slotCount: number): void {
    this.#postings[code]?.add(slot, slotCount);
  }

  /** The row held the term before and does not now. */
  delete(code: number, slot: number): void {
    this.#postings[code]?.delete(slot);
  }

  /** The codes that a test asks for; -1 for a term that no row ever had. */
  codesFor(test: ColumnTest): readonly number[] {
    if (test.kind === 'any' || test.kind === 'all') {
      return Array.from(test.terms, (term) => this.#codes.get(term) ?? -1);
    }
    if (test.kind !== 'prefix') throw new TypeError(`terms know no test '${test.kind}'`);
    const { prefix } = test;
    return this.terms.flatMap((term, code) => (term.startsWith(prefix) ? [code] : []));
  }

  /** A new set of the rows that hold one of the terms, or all of them. */
  select(test: ColumnTest): RowSet {
    const codes = this.codesFor(test);
    if (test.kind !== 'all') return this.#union(codes);
    const ascending = codes.toSorted((a, b) => this.#countOf(a) - this.#countOf(b));
    let found: RowSet | undefined;
    for (const code of ascending) {
      const rows = this.#union([code]);
      found = found === undefined ? rows : found.and(rows);
      if (found.count === 0) break;
    }
    return found ?? new RowSet();
  }

  /** Between the bounds of Fréchet, guessing that terms are independent. */
  estimate(test: ColumnTest, present: number): RowEstimate {
    const counts = this.codesFor(test).map((code) => this.#countOf(code));
    const sum = counts.reduce((total, count) => total + count, 0);
    const shares = counts.map((count) => (present === 0 ? 0 : count / present));
    if (test.kind === 'all') {
      const rows = present * shares.reduce((product, share) => product * share, 1);
      const min = Math.max(0, sum - (counts.length - 1) * present);
      return { rows, min, max: counts.reduce((least, count) => Math.min(least, count), present) };
    }
    const rows = present * (1 - shares.reduce((product, share) => product * (1 - share), 1));
    const min = counts.reduce((most, count) => Math.max(most, count), 0);
    return { rows: Math.max(rows, min), min, max: Math.min(sum, present) };
  }

  get bytes(): number {
    const lists = this.#postings.reduce((sum, { bytes }) => sum + bytes, 0);
    return lists + this.#textBytes + TERM_BYTES * this.terms.length;
  }

  #countOf(code: number): number {
    return this.#postings[code]?.count ?? 0;
  }

  #union(codes: readonly number[]): RowSet {
    const found = new RowSet();
    for (const code of codes) this.#postings[code]?.addTo(found);
    return found;
  }
}
