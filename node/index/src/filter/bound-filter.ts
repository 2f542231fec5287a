import { IndexError } from '../index-error.ts';
import { type Column, exactly, type RowEstimate } from './column-types.ts';
import type { Predicate } from './filter-language.ts';
import { RowSet } from './row-set.ts';

/** The slot of an id, if there is such a row. */
export type SlotOf = (id: string) => number | undefined;

/** The rows and columns that a filter is about; a `ColumnTable` of any schema. */
export interface FilterTable {
  readonly rows: RowSet;
  column(name: string): Column;
}

/** So much fewer rows are left than the next test has: asking each of them is cheaper than a set. */
const ROWS_PER_ASKED_ROW = 32;

/** A part of a filter as it is evaluated over one table. */
type Part =
  | Exclude<Predicate, { kind: 'ids' | 'and' | 'or' | 'not' }>
  | { readonly kind: 'rows'; readonly rows: RowSet }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Part[] }
  | { readonly kind: 'not'; readonly part: Part };

/** A checked filter over one table. Valid as long as the ids of its rows stay. */
export class BoundFilter {
  readonly #table: FilterTable;
  readonly #part: Part;

  /**
   * @param predicate - from `parseFilter` with the table's own schema
   * @param slotOf - needed only for filters with `ids`; ids that are not there match nothing
   * @throws IndexError `invalid-filter` for `ids` without `slotOf`
   */
  constructor(table: FilterTable, predicate: Predicate, slotOf?: SlotOf) {
    this.#table = table;
    this.#part = bind(predicate, table.rows, slotOf);
  }

  /** A new set: the rows that match. */
  select(): RowSet {
    return this.#select(this.#part);
  }

  /**
   * How many rows match, without evaluating: bounds that surely hold (Fréchet 1935), and within them
   * the number that independent columns would give.
   */
  estimate(): RowEstimate {
    return this.#estimate(this.#part);
  }

  /** Whether one row matches; no set is built. */
  matches(slot: number): boolean {
    return this.#table.rows.has(slot) && this.#matches(slot, this.#part);
  }

  #select(part: Part): RowSet {
    switch (part.kind) {
      case 'rows':
        return part.rows.and(this.#table.rows);
      case 'column':
        return this.#table.column(part.column).select(part.test);
      case 'not':
        return this.#table.rows.andNot(this.#select(part.part));
      case 'and':
        return this.#selectAll(part.parts);
      case 'or':
        return this.#selectAny(part.parts);
    }
  }

  /** Fewest rows first, so that the rest may be asked row by row, or not at all. */
  #selectAll(parts: readonly Part[]): RowSet {
    const [first, ...rest] = this.#byRows(parts);
    const found = first === undefined ? this.#table.rows.clone() : this.#select(first.part);
    for (const { part, rows } of rest) {
      if (found.count === 0) break;
      if (found.count * ROWS_PER_ASKED_ROW < rows) {
        for (const slot of found.toSlots()) if (!this.#matches(slot, part)) found.delete(slot);
      } else if (part.kind === 'not') found.deleteAll(this.#select(part.part));
      else found.deleteAll(found.andNot(this.#select(part)));
    }
    return found;
  }

  /** Most rows first, so that the rest may add nothing. */
  #selectAny(parts: readonly Part[]): RowSet {
    const found = new RowSet();
    for (const { part } of this.#byRows(parts).reverse()) {
      if (found.count === this.#table.rows.count) break;
      found.addAll(this.#select(part));
    }
    return found;
  }

  #byRows(parts: readonly Part[]): { part: Part; rows: number }[] {
    return parts
      .map((part) => ({ part, rows: this.#estimate(part).rows }))
      .sort((a, b) => a.rows - b.rows);
  }

  #estimate(part: Part): RowEstimate {
    const total = this.#table.rows.count;
    switch (part.kind) {
      case 'rows':
        return exactly(part.rows.countAnd(this.#table.rows));
      case 'column':
        return this.#table.column(part.column).estimate(part.test);
      case 'not':
        return complement(this.#estimate(part.part), total);
      case 'and':
        return both(
          part.parts.map((each) => this.#estimate(each)),
          total,
        );
      case 'or': {
        const others = part.parts.map((each) => complement(this.#estimate(each), total));
        return complement(both(others, total), total);
      }
    }
  }

  #matches(slot: number, part: Part): boolean {
    switch (part.kind) {
      case 'rows':
        return part.rows.has(slot);
      case 'column':
        return this.#table.column(part.column).holds(slot, part.test);
      case 'not':
        return !this.#matches(slot, part.part);
      case 'and':
        return part.parts.every((each) => this.#matches(slot, each));
      case 'or':
        return part.parts.some((each) => this.#matches(slot, each));
    }
  }
}

function bind(predicate: Predicate, rows: RowSet, slotOf: SlotOf | undefined): Part {
  switch (predicate.kind) {
    case 'column':
      return predicate;
    case 'not':
      return { kind: 'not', part: bind(predicate.part, rows, slotOf) };
    case 'and':
    case 'or': {
      const parts = predicate.parts.map((part) => bind(part, rows, slotOf));
      return { kind: predicate.kind, parts };
    }
    case 'ids': {
      if (slotOf === undefined) {
        throw new IndexError('invalid-filter', 'filter.ids: ids are not known here; use columns');
      }
      const slots = predicate.ids.map(slotOf).filter((slot) => slot !== undefined);
      return { kind: 'rows', rows: RowSet.fromSlots(slots) };
    }
  }
}

function complement({ max, min, rows }: RowEstimate, total: number): RowEstimate {
  return { rows: total - rows, min: total - max, max: total - min };
}

function both(parts: readonly RowEstimate[], total: number): RowEstimate {
  if (total === 0) return exactly(0);
  const max = parts.reduce((least, part) => Math.min(least, part.max), total);
  const sum = parts.reduce((all, part) => all + part.min, 0);
  const min = Math.max(0, sum - (parts.length - 1) * total);
  const independent = total * parts.reduce((product, part) => product * (part.rows / total), 1);
  return { rows: Math.min(max, Math.max(min, independent)), min, max };
}
