import { IndexError } from '../index-error.ts';
import {
  COLUMN_TYPES,
  type Column,
  type ColumnSchema,
  type ColumnSection,
  type ColumnType,
  type RowValues,
  type StoredValue,
} from './column-types.ts';
import { createColumn, decodeColumn } from './decode-column.ts';
import { FILTER_LIMITS } from './filter-limits.ts';
import { described, parseValue } from './parse-value.ts';
import { RowSet, SLOT_COUNT_MAX } from './row-set.ts';
import { SectionBytes, textBytes, wordBytes } from './section-bytes.ts';

/** Words of the filter language, which no column may take for itself. */
export const RESERVED_NAMES = ['and', 'or', 'not', 'ids'] as const;

const COLUMN_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/**
 * The typed metadata of the rows of one index, by slot.
 *
 * Invariant: only rows of `rows` have values.
 */
export class ColumnTable<S extends ColumnSchema = ColumnSchema> {
  readonly schema: S;
  /** The rows there are, with or without values. */
  readonly rows = new RowSet();
  readonly #columns: ReadonlyMap<string, Column>;

  /** @throws IndexError `invalid-option`, `limit-exceeded` for a schema that cannot be */
  constructor(schema: S) {
    checkSchema(schema);
    this.schema = Object.freeze({ ...schema });
    this.#columns = new Map(
      Object.entries(schema).map(([name, type]) => [name, createColumn(type)]),
    );
  }

  /** One more than the largest slot of a row. */
  get slotCount(): number {
    const { words } = this.rows;
    const last = words.findLastIndex((word) => word !== 0);
    return last < 0 ? 0 : 32 * last + 32 - Math.clz32(words[last] as number);
  }

  /** Bytes of all columns. */
  get bytes(): number {
    let sum = this.rows.words.byteLength;
    for (const column of this.#columns.values()) sum += column.bytes;
    return sum;
  }

  /** The column of a name of the schema. */
  column(name: string): Column {
    const column = this.#columns.get(name);
    if (column === undefined) throw new TypeError(`there is no column '${name}'`);
    return column;
  }

  /**
   * Gives a row its values; those that it had before are gone. Either all are taken or, when it
   * throws, none.
   *
   * @throws IndexError `invalid-value`, `limit-exceeded`
   */
  set(slot: number, values: RowValues<S> = {}): void {
    const stored = this.check(values);
    this.rows.add(slot);
    for (const [name, column] of this.#columns) {
      const value = stored.get(name);
      if (value === undefined) column.clear(slot);
      else column.set(slot, value);
    }
  }

  /**
   * What `set` would store, without storing it: a batch is checked before its first row.
   *
   * @throws IndexError `invalid-value`
   */
  check(values: RowValues<S>): ReadonlyMap<string, StoredValue> {
    const stored = new Map<string, StoredValue>();
    if (typeof values !== 'object' || values === null) throw noRow(values);
    for (const [name, value] of Object.entries(values)) {
      const column = this.#columns.get(name);
      if (column === undefined) throw this.#unknownColumn(name);
      if (value === null || value === undefined) continue;
      stored.set(name, parseValue(name, column.type, value));
    }
    return stored;
  }

  /** Removes a row and its values. */
  clear(slot: number): void {
    this.rows.delete(slot);
    for (const column of this.#columns.values()) column.clear(slot);
  }

  /** The values of a row, timestamps as ms since 1970; undefined when there is no such row. */
  get(slot: number): Readonly<Record<string, StoredValue>> | undefined {
    if (!this.rows.has(slot)) return undefined;
    const values: Record<string, StoredValue> = {};
    for (const [name, column] of this.#columns) {
      const value = column.get(slot);
      if (value !== undefined) values[name] = value;
    }
    return values;
  }

  /**
   * The same rows under new slots, as a compaction numbers them.
   *
   * @param newSlots - the new slot of every old one, -1 for a row that is gone
   */
  remap(newSlots: Int32Array): ColumnTable<S> {
    const table = new ColumnTable(this.schema);
    for (const slot of this.rows.toSlots()) {
      const newSlot = newSlots[slot] ?? -1;
      if (newSlot < 0) continue;
      table.rows.add(newSlot);
      for (const [name, column] of this.#columns) {
        const value = column.get(slot);
        if (value !== undefined) table.column(name).set(newSlot, value);
      }
    }
    return table;
  }

  /** The table as named sections: `columns`, `columns-rows`, and `column-<position>-<part>`. */
  encode(): ColumnSection[] {
    const { slotCount } = this;
    const columns = [...this.#columns.values()];
    return [
      { name: 'columns', bytes: textBytes({ slotCount, schema: Object.entries(this.schema) }) },
      { name: 'columns-rows', bytes: wordBytes(this.rows, slotCount) },
      ...columns.flatMap((column, at) =>
        column
          .encode(slotCount)
          .map(({ name, bytes }) => ({ name: `column-${at}-${name}`, bytes })),
      ),
    ];
  }

  /**
   * The table that `encode` wrote; sections of other names are passed over.
   *
   * @throws IndexError `corrupt-file`
   */
  static decode(sections: Iterable<ColumnSection>): ColumnTable {
    const bytes: SectionBytes = new SectionBytes(sections);
    const { schema, slotCount } = decodeHead(bytes);
    const table = new ColumnTable(schema);
    table.rows.addAll(bytes.rows('columns-rows', slotCount));
    for (const [at, [name, type]] of Object.entries(schema).entries()) {
      const column = decodeColumn(type, bytes.within(`column-${at}-`), slotCount);
      const strays = column.present.andNot(table.rows).count;
      bytes.require(
        strays === 0,
        `column '${name}' has values of ${strays} rows that are not there`,
      );
      (table.#columns as Map<string, Column>).set(name, column);
    }
    return table;
  }

  #unknownColumn(name: string): IndexError {
    const known = Object.keys(this.schema).join(', ') || 'none';
    return new IndexError(
      'invalid-value',
      `there is no column '${name}'; the columns are: ${known}`,
    );
  }
}

function noRow(values: unknown): IndexError {
  const message = `the values of a row are ${described(values)}; give an object of column: value`;
  return new IndexError('invalid-value', message);
}

function checkSchema(schema: ColumnSchema): void {
  const columns = Object.entries(schema);
  if (columns.length > FILTER_LIMITS.columnsMax) {
    throw new IndexError(
      'limit-exceeded',
      `${columns.length} columns violate columns <= columnsMax = ${FILTER_LIMITS.columnsMax}`,
    );
  }
  for (const [name, type] of columns) {
    if (!COLUMN_NAME.test(name) || (RESERVED_NAMES as readonly string[]).includes(name)) {
      throw new IndexError(
        'invalid-option',
        `a column cannot be named ${described(name)}; use up to 64 letters, digits, '_', '.', '-', ` +
          `a letter first, and none of ${RESERVED_NAMES.join(', ')}`,
      );
    }
    if (!isColumnType(type)) {
      throw new IndexError(
        'invalid-option',
        `column '${name}' has type ${described(type)}; use one of ${COLUMN_TYPES.join(', ')}`,
      );
    }
  }
}

function isColumnType(type: unknown): type is ColumnType {
  return (COLUMN_TYPES as readonly unknown[]).includes(type);
}

function decodeHead(bytes: SectionBytes): { schema: ColumnSchema; slotCount: number } {
  const head = bytes.json('columns');
  bytes.require(typeof head === 'object' && head !== null, 'the head is no object');
  const { slotCount, schema } = head as { slotCount?: unknown; schema?: unknown };
  bytes.require(
    Number.isInteger(slotCount) && (slotCount as number) >= 0,
    'slotCount is no number of slots',
  );
  bytes.require((slotCount as number) <= SLOT_COUNT_MAX, 'slotCount is too large');
  bytes.require(
    Array.isArray(schema) &&
      schema.every((entry) => Array.isArray(entry) && isColumnType(entry[1])),
    'schema is no list of columns',
  );
  const columns = Object.fromEntries(schema as [string, ColumnType][]);
  try {
    checkSchema(columns);
  } catch {
    bytes.require(false, 'schema names a column that cannot be');
  }
  return { schema: columns, slotCount: slotCount as number };
}
