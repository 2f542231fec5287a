// The filter language: JSON that says which rows are meant, and the checked form it is parsed into.
//
//   { year: { gte: 2020, lt: 2024 }, lang: { in: ['de', 'en'] }, not: { open: false } }
//
// Tests beside each other must all hold. A row without a value answers every test with no, so it
// matches `{ exists: false }` and what `not` turns round, but neither `{ ne: x }` nor `{ lt: x }`.

import type { ColumnInputs, ColumnSchema, ColumnTest, ColumnType } from './column-types.ts';

export interface NumberTest<T> {
  readonly eq?: T;
  readonly ne?: T;
  readonly in?: readonly T[];
  readonly gt?: T;
  readonly gte?: T;
  readonly lt?: T;
  readonly lte?: T;
  readonly exists?: boolean;
}

export interface KeywordTest {
  readonly eq?: string;
  readonly ne?: string;
  readonly in?: readonly string[];
  readonly prefix?: string;
  readonly exists?: boolean;
}

export interface KeywordsTest {
  readonly contains?: string;
  readonly containsAny?: readonly string[];
  readonly containsAll?: readonly string[];
  readonly exists?: boolean;
}

export interface BooleanTest {
  readonly eq?: boolean;
  readonly exists?: boolean;
}

/** What a filter may say about a column; a plain value stands for `{ eq: value }`. */
export interface FilterTests {
  readonly integer: number | NumberTest<number>;
  readonly number: number | NumberTest<number>;
  readonly timestamp: ColumnInputs['timestamp'] | NumberTest<ColumnInputs['timestamp']>;
  readonly boolean: boolean | BooleanTest;
  readonly keyword: string | KeywordTest;
  readonly keywords: KeywordsTest;
}

/** A filter over the columns of a schema; any JSON when the schema is not known to the compiler. */
export type Filter<S extends ColumnSchema = ColumnSchema> = string extends keyof S
  ? Readonly<Record<string, unknown>>
  : { readonly [Name in keyof S]?: FilterTests[S[Name]] } & {
      readonly and?: readonly Filter<S>[];
      readonly or?: readonly Filter<S>[];
      readonly not?: Filter<S>;
      readonly ids?: readonly string[];
    };

/** A filter that was checked against a schema. */
export type Predicate =
  | { readonly kind: 'column'; readonly column: string; readonly test: ColumnTest }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Predicate[] }
  | { readonly kind: 'not'; readonly part: Predicate }
  | { readonly kind: 'ids'; readonly ids: readonly string[] };

/** The words that a test of each type knows. */
export const TEST_WORDS: Readonly<Record<ColumnType, readonly string[]>> = Object.freeze({
  integer: ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'exists'],
  number: ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'exists'],
  timestamp: ['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'exists'],
  boolean: ['eq', 'exists'],
  keyword: ['eq', 'ne', 'in', 'prefix', 'exists'],
  keywords: ['contains', 'containsAny', 'containsAll', 'exists'],
});
