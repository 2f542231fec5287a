import { IndexError } from '../index-error.ts';
import type { ColumnType, StoredValue } from './column-types.ts';
import { FILTER_LIMITS } from './filter-limits.ts';

/** What each type accepts, in the words of a refusal. */
export const ACCEPTED_VALUES: Readonly<Record<ColumnType, string>> = Object.freeze({
  integer: 'an integer between -(2^53 - 1) and 2^53 - 1',
  number: 'a finite number',
  timestamp: 'ms since 1970 as an integer, a Date, or ISO 8601 text with a time zone',
  boolean: 'true or false',
  keyword: `a text of at most keywordLengthMax = ${FILTER_LIMITS.keywordLengthMax} characters`,
  keywords:
    `up to keywordsPerRowMax = ${FILTER_LIMITS.keywordsPerRowMax} texts of at most ` +
    `keywordLengthMax = ${FILTER_LIMITS.keywordLengthMax} characters`,
});

/**
 * The stored form of a value: -0 becomes 0, a timestamp ms since 1970, keywords lose repetitions.
 *
 * @throws IndexError `invalid-value` that names the column and what it accepts
 */
export function parseValue(column: string, type: ColumnType, value: unknown): StoredValue {
  const stored = storedForm(type, value);
  if (stored !== undefined) return stored;
  throw new IndexError(
    'invalid-value',
    `column '${column}' (${type}) was given ${described(value)}; it accepts ${ACCEPTED_VALUES[type]}`,
  );
}

/** The stored form of a value, or undefined when the type does not accept it. */
export function storedForm(type: ColumnType, value: unknown): StoredValue | undefined {
  switch (type) {
    case 'integer':
      return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
    case 'number':
      return Number.isFinite(value) ? (value as number) + 0 : undefined;
    case 'timestamp':
      return timestampOf(value);
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'keyword':
      return isKeyword(value) ? value : undefined;
    case 'keywords':
      return keywordsOf(value);
  }
}

export function isKeyword(value: unknown): value is string {
  return typeof value === 'string' && value.length <= FILTER_LIMITS.keywordLengthMax;
}

/** A value in a message: short, whatever it is. */
export function described(value: unknown): string {
  if (typeof value === 'string') return `'${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Date) return 'an invalid Date';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** A date, or a date and time with its zone: anything else would depend on where the site stands. */
const ISO_8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?$/;

function timestampOf(value: unknown): number | undefined {
  if (value instanceof Date) return timestampOf(value.getTime());
  if (typeof value === 'string')
    return ISO_8601.test(value) ? timestampOf(Date.parse(value)) : undefined;
  return Number.isSafeInteger(value) ? (value as number) + 0 : undefined;
}

function keywordsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > FILTER_LIMITS.keywordsPerRowMax) return undefined;
  return value.every(isKeyword) ? [...new Set<string>(value)] : undefined;
}
