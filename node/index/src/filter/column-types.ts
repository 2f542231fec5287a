// The words of typed metadata: what a column holds, what a filter may ask of it, and what every kind
// of column can do.

import type { RowSet } from './row-set.ts';

export const COLUMN_TYPES = [
  'integer',
  'number',
  'timestamp',
  'boolean',
  'keyword',
  'keywords',
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

/** The columns of a table by name. */
export type ColumnSchema = Readonly<Record<string, ColumnType>>;

/** What a caller may write into a column; a timestamp is ms since 1970, a Date, or ISO 8601. */
export interface ColumnInputs {
  readonly integer: number;
  readonly number: number;
  readonly timestamp: number | Date | string;
  readonly boolean: boolean;
  readonly keyword: string;
  readonly keywords: readonly string[];
}

/** What a column keeps and gives back; a timestamp as ms since 1970. */
export type StoredValue = number | boolean | string | readonly string[];

/** The metadata of one row; a column that is null or left out has no value. */
export type RowValues<S extends ColumnSchema> = {
  readonly [Name in keyof S]?: ColumnInputs[S[Name]] | null;
};

/** Half open: `from <= value < to`. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** A question to one column, already checked. A row without a value answers every one with no. */
export type ColumnTest =
  | { readonly kind: 'exists' }
  | { readonly kind: 'ranges'; readonly ranges: readonly NumberRange[] }
  | { readonly kind: 'is'; readonly value: boolean }
  | { readonly kind: 'any' | 'all'; readonly terms: ReadonlySet<string> }
  | { readonly kind: 'prefix'; readonly prefix: string };

/** How many rows match: surely from `min` to `max`, and `rows` of them as far as one can tell. */
export interface RowEstimate {
  readonly rows: number;
  readonly min: number;
  readonly max: number;
}

/** The bytes of one part of a column; the file layer adds the checksum. */
export interface ColumnSection {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The values of one name, by slot. */
export interface Column {
  readonly type: ColumnType;
  /** The rows that have a value. */
  readonly present: RowSet;
  /** Replaces the value of a slot; the value is one that `parseValue` made for this type. */
  set(slot: number, value: StoredValue): void;
  clear(slot: number): void;
  get(slot: number): StoredValue | undefined;
  /** A new set of the rows that answer yes. */
  select(test: ColumnTest): RowSet;
  /** How many rows `select` would hold, without building it. */
  estimate(test: ColumnTest): RowEstimate;
  holds(slot: number, test: ColumnTest): boolean;
  /** The values of the slots below `slotCount` as named sections. */
  encode(slotCount: number): readonly ColumnSection[];
  /** Bytes of its arrays; the terms of a dictionary count two per UTF-16 unit. */
  readonly bytes: number;
}

export function exactly(rows: number): RowEstimate {
  return { rows, min: rows, max: rows };
}
