import type {
  Column,
  ColumnSection,
  ColumnTest,
  NumberRange,
  RowEstimate,
  StoredValue,
} from './column-types.ts';
import { exactly } from './column-types.ts';
import { inRanges } from './number-ranges.ts';
import { RowSet } from './row-set.ts';
import { ScalarLookup } from './scalar-lookup.ts';
import { wordBytes } from './section-bytes.ts';
import { type KeyedSlots, sortByKey } from './sort-by-key.ts';

/** Changed rows that the sorted run may lag behind: this many, or this share of its length. */
const CHANGED_ROWS_MIN = 1_024;
const CHANGED_SHARE_MAX = 1 / 8;

/** Rows by value, as they were when the run was made. */
interface SortedRun {
  readonly lookup: ScalarLookup;
  readonly slots: Int32Array;
}

/**
 * Numbers by slot, and a sorted run over them under a learned index.
 *
 * Invariant: a row outside `#changed` stands in the run exactly if it is present, under its value.
 * A search reads changed rows by themselves and merges them into the run when they are many, so an
 * estimate is exact or off by at most the number of changed rows.
 */
export class NumberColumn implements Column {
  readonly type: 'integer' | 'number' | 'timestamp';
  readonly present = new RowSet();
  readonly #changed = new RowSet();
  #values = new Float64Array(0);
  #run: SortedRun = { lookup: new ScalarLookup(new Float64Array(0)), slots: new Int32Array(0) };

  constructor(type: 'integer' | 'number' | 'timestamp') {
    this.type = type;
  }

  set(slot: number, value: StoredValue): void {
    if (typeof value !== 'number') throw new TypeError('a column of numbers was given none');
    this.present.add(slot);
    if (slot >= this.#values.length) this.#grow(slot + 1);
    this.#values[slot] = value;
    this.#changed.add(slot);
  }

  /**
   * Fills an empty column at once.
   *
   * @param values - by slot, kept; they are of the column's type, and none is -0
   */
  restore(present: RowSet, values: Float64Array<ArrayBuffer>): void {
    this.present.addAll(present);
    this.#changed.addAll(present);
    this.#values = values;
  }

  clear(slot: number): void {
    if (this.present.delete(slot)) this.#changed.add(slot);
  }

  get(slot: number): number | undefined {
    return this.present.has(slot) ? this.#values[slot] : undefined;
  }

  select(test: ColumnTest): RowSet {
    if (test.kind === 'exists') return this.present.clone();
    if (test.kind !== 'ranges') throw unknownTest(this.type, test);
    this.#refresh();
    const inside = this.#ranksOf(test.ranges);
    const { slots } = this.#run;
    const isMost = 2 * sizeOf(inside) > slots.length;
    const found = isMost ? this.present.clone() : new RowSet(this.#values.length);
    for (const { from, to } of isMost ? outside(inside, slots.length) : inside) {
      for (let rank = from; rank < to; rank++) {
        if (isMost) found.delete(slots[rank] as number);
        else found.add(slots[rank] as number);
      }
    }
    found.deleteAll(this.#changed);
    for (const slot of this.#changed.toSlots()) if (this.holds(slot, test)) found.add(slot);
    return found;
  }

  estimate(test: ColumnTest): RowEstimate {
    if (test.kind === 'exists') return exactly(this.present.count);
    if (test.kind !== 'ranges') throw unknownTest(this.type, test);
    this.#refresh();
    const rows = Math.min(sizeOf(this.#ranksOf(test.ranges)), this.present.count);
    const changed = this.#changed.count;
    return {
      rows,
      min: Math.max(0, rows - changed),
      max: Math.min(this.present.count, rows + changed),
    };
  }

  holds(slot: number, test: ColumnTest): boolean {
    const value = this.get(slot);
    if (value === undefined) return false;
    if (test.kind === 'exists') return true;
    if (test.kind !== 'ranges') throw unknownTest(this.type, test);
    return inRanges(test.ranges, value);
  }

  encode(slotCount: number): readonly ColumnSection[] {
    const values = new Float64Array(slotCount);
    for (const slot of this.present.toSlots()) values[slot] = this.#values[slot] as number;
    return [
      { name: 'present', bytes: wordBytes(this.present, slotCount) },
      { name: 'values', bytes: new Uint8Array(values.buffer) },
    ];
  }

  get bytes(): number {
    const { lookup, slots } = this.#run;
    const run = lookup.keys.byteLength + lookup.modelBytes + slots.byteLength;
    const sets = this.present.words.byteLength + this.#changed.words.byteLength;
    return this.#values.byteLength + run + sets;
  }

  /** Merges the changed rows into the run once they are many. */
  #refresh(): void {
    const { slots } = this.#run;
    const changedMax = Math.max(CHANGED_ROWS_MIN, slots.length * CHANGED_SHARE_MAX);
    if (this.#changed.count <= changedMax) return;
    const fresh = this.present.and(this.#changed).toSlots();
    const keys = Float64Array.from(fresh, (slot) => this.#values[slot] as number);
    const merged = this.#merge(sortByKey({ keys, slots: fresh }));
    this.#run = { lookup: new ScalarLookup(merged.keys), slots: merged.slots };
    this.#changed.clear();
  }

  #merge(fresh: KeyedSlots): KeyedSlots {
    const old = this.#run;
    const oldKeys = old.lookup.keys;
    const keys = new Float64Array(this.present.count);
    const slots = new Int32Array(this.present.count);
    let next = 0;
    let place = 0;
    const take = (key: number, slot: number) => {
      keys[place] = key;
      slots[place++] = slot;
    };
    for (let rank = 0; rank < oldKeys.length; rank++) {
      const slot = old.slots[rank] as number;
      if (this.#changed.has(slot)) continue;
      const key = oldKeys[rank] as number;
      for (; next < fresh.keys.length && (fresh.keys[next] as number) < key; next++) {
        take(fresh.keys[next] as number, fresh.slots[next] as number);
      }
      take(key, slot);
    }
    keys.set(fresh.keys.subarray(next), place);
    slots.set(fresh.slots.subarray(next), place);
    return { keys, slots };
  }

  #ranksOf(ranges: readonly NumberRange[]): NumberRange[] {
    const { lookup } = this.#run;
    return ranges.map(({ from, to }) => ({
      from: lookup.lowerBound(from),
      to: lookup.lowerBound(to),
    }));
  }

  #grow(length: number): void {
    const values = new Float64Array(Math.max(length, 2 * this.#values.length, 64));
    values.set(this.#values);
    this.#values = values;
  }
}

function sizeOf(ranks: readonly NumberRange[]): number {
  return ranks.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** The ranks between ranges that ascend and do not overlap. */
function outside(ranges: readonly NumberRange[], end: number): NumberRange[] {
  const starts = [0, ...ranges.map(({ to }) => to)];
  const ends = [...ranges.map(({ from }) => from), end];
  return starts.map((from, at) => ({ from, to: ends[at] as number }));
}

function unknownTest(type: string, test: ColumnTest): TypeError {
  return new TypeError(`a column of type ${type} knows no test '${test.kind}'`);
}
