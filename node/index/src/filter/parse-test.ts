import { IndexError } from '../index-error.ts';
import type { ColumnTest, ColumnType, NumberRange, StoredValue } from './column-types.ts';
import { type Predicate, TEST_WORDS } from './filter-language.ts';
import { FILTER_LIMITS } from './filter-limits.ts';
import { ALL_NUMBERS, intersectRanges, rangesOf, rangesOfAny } from './number-ranges.ts';
import { ACCEPTED_VALUES, described, storedForm } from './parse-value.ts';

/** Where in a filter a test stands. */
export interface FilterPlace {
  /** As a reader would write it: `filter.or[1].year`. */
  readonly path: string;
  readonly column: string;
}

/**
 * What must hold for a test of one column, all of it.
 *
 * @throws IndexError `invalid-filter`, `limit-exceeded`
 */
export function parseTest(
  place: FilterPlace,
  type: ColumnType,
  value: unknown,
): readonly Predicate[] {
  if (type !== 'keywords' && storedForm(type, value) !== undefined) {
    return parseTest(place, type, { eq: value });
  }
  const { column, path } = place;
  const words = TEST_WORDS[type];
  const isTest = typeof value === 'object' && value !== null && !Array.isArray(value);
  const entries = isTest
    ? Object.entries(value).filter(([, operand]) => operand !== undefined)
    : [];
  if (entries.length === 0) {
    throw invalidFilter(path, `${described(value)} is no test of ${accepts(column, type)}`);
  }
  const parts: Predicate[] = [];
  let ranges: readonly NumberRange[] | undefined;
  for (const [word, operand] of entries) {
    const here = { path: `${path}.${word}`, column };
    if (!words.includes(word)) {
      throw invalidFilter(here.path, `'${word}' is no test of ${accepts(column, type)}`);
    }
    if (word === 'exists') parts.push(existsTest(here, operand));
    else if (type === 'keyword' || type === 'keywords') parts.push(termTest(here, word, operand));
    else if (type === 'boolean') parts.push(booleanTest(here, operand));
    else ranges = intersectRanges(ranges ?? ALL_NUMBERS, numberTest(here, type, word, operand));
  }
  return ranges === undefined ? parts : [columnTest(column, { kind: 'ranges', ranges }), ...parts];
}

export function invalidFilter(path: string, detail: string): IndexError {
  return new IndexError('invalid-filter', `${path}: ${detail}`);
}

function existsTest({ column, path }: FilterPlace, operand: unknown): Predicate {
  if (typeof operand !== 'boolean') {
    throw invalidFilter(path, `it is ${described(operand)}; it accepts true or false`);
  }
  const part = columnTest(column, { kind: 'exists' });
  return operand ? part : { kind: 'not', part };
}

function booleanTest(place: FilterPlace, operand: unknown): Predicate {
  const value = operandOf(place, 'boolean', operand);
  return columnTest(place.column, { kind: 'is', value: value === true });
}

function termTest(place: FilterPlace, word: string, operand: unknown): Predicate {
  const { column } = place;
  const isList = word === 'in' || word === 'containsAny' || word === 'containsAll';
  if (isList) {
    const terms = operandsOf(place, 'keyword', operand).map(String);
    const kind = word === 'containsAll' ? 'all' : 'any';
    return columnTest(column, { kind, terms: new Set(terms) });
  }
  const term = String(operandOf(place, 'keyword', operand));
  if (word === 'prefix') return columnTest(column, { kind: 'prefix', prefix: term });
  const part = columnTest(column, { kind: 'any', terms: new Set([term]) });
  if (word !== 'ne') return part;
  const exists = columnTest(column, { kind: 'exists' });
  return { kind: 'and', parts: [exists, { kind: 'not', part }] };
}

function numberTest(
  place: FilterPlace,
  type: ColumnType,
  word: string,
  operand: unknown,
): readonly NumberRange[] {
  if (word === 'in') return rangesOfAny(operandsOf(place, type, operand).map(Number));
  return rangesOf(word, Number(operandOf(place, type, operand))) ?? [];
}

function operandsOf(place: FilterPlace, type: ColumnType, operand: unknown): StoredValue[] {
  const { filterValuesMax } = FILTER_LIMITS;
  const { column, path } = place;
  if (!Array.isArray(operand) || operand.length === 0) {
    throw invalidFilter(
      path,
      `it is ${described(operand)}; column '${column}' accepts a list here, of at least one ` +
        `${ACCEPTED_VALUES[type]}`,
    );
  }
  if (operand.length > filterValuesMax) {
    const message = `${path}: ${operand.length} values violate filterValuesMax = ${filterValuesMax}`;
    throw new IndexError('limit-exceeded', message);
  }
  return operand.map((value, at) => operandOf({ path: `${path}[${at}]`, column }, type, value));
}

function operandOf({ column, path }: FilterPlace, type: ColumnType, operand: unknown): StoredValue {
  const value = storedForm(type, operand);
  if (value !== undefined) return value;
  throw invalidFilter(
    path,
    `it is ${described(operand)}; column '${column}' accepts ${ACCEPTED_VALUES[type]} here`,
  );
}

function columnTest(column: string, test: ColumnTest): Predicate {
  return { kind: 'column', column, test };
}

function accepts(column: string, type: ColumnType): string {
  const words = TEST_WORDS[type].join(', ');
  const plain = type === 'keywords' ? '' : `${ACCEPTED_VALUES[type]}, or `;
  return `column '${column}' (${type}); it accepts ${plain}an object of ${words}`;
}
