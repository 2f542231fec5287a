import {
  type Column,
  type ColumnSection,
  type ColumnTest,
  exactly,
  type RowEstimate,
  type StoredValue,
} from './column-types.ts';
import { RowSet } from './row-set.ts';
import { wordBytes } from './section-bytes.ts';

/** Two bits per row: has it a value, and is it true. */
export class BooleanColumn implements Column {
  readonly type = 'boolean';
  readonly present = new RowSet();
  /** Invariant: a subset of `present`. */
  readonly #isTrue = new RowSet();

  set(slot: number, value: StoredValue): void {
    this.present.add(slot);
    if (value === true) this.#isTrue.add(slot);
    else this.#isTrue.delete(slot);
  }

  clear(slot: number): void {
    this.present.delete(slot);
    this.#isTrue.delete(slot);
  }

  get(slot: number): boolean | undefined {
    return this.present.has(slot) ? this.#isTrue.has(slot) : undefined;
  }

  select(test: ColumnTest): RowSet {
    if (test.kind !== 'is') return this.present.clone();
    return test.value ? this.#isTrue.clone() : this.present.andNot(this.#isTrue);
  }

  estimate(test: ColumnTest): RowEstimate {
    if (test.kind !== 'is') return exactly(this.present.count);
    return exactly(test.value ? this.#isTrue.count : this.present.count - this.#isTrue.count);
  }

  holds(slot: number, test: ColumnTest): boolean {
    if (!this.present.has(slot)) return false;
    return test.kind !== 'is' || this.#isTrue.has(slot) === test.value;
  }

  encode(slotCount: number): readonly ColumnSection[] {
    return [
      { name: 'present', bytes: wordBytes(this.present, slotCount) },
      { name: 'true', bytes: wordBytes(this.#isTrue, slotCount) },
    ];
  }

  get bytes(): number {
    return this.present.words.byteLength + this.#isTrue.words.byteLength;
  }
}
