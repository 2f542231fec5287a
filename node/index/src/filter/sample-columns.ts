// A schema, and a model of what filters over it mean, for the tests of this folder.

import type { ColumnSchema, StoredValue } from './column-types.ts';

export const SAMPLE_SCHEMA = {
  year: 'integer',
  price: 'number',
  at: 'timestamp',
  open: 'boolean',
  lang: 'keyword',
  tags: 'keywords',
} as const satisfies ColumnSchema;

/** A row as a table gives it back. */
export type SampleRow = Readonly<Record<string, StoredValue>>;

/** What a filter means, read off the raw JSON: slow, and written apart from what it checks. */
export function meansRow(filter: Readonly<Record<string, unknown>>, row: SampleRow): boolean {
  return Object.entries(filter).every(([name, test]) => {
    if (name === 'and') return (test as SampleRow[]).every((part) => meansRow(part, row));
    if (name === 'or') return (test as SampleRow[]).some((part) => meansRow(part, row));
    if (name === 'not') return !meansRow(test as SampleRow, row);
    const isTest = typeof test === 'object' && test !== null;
    return Object.entries(isTest ? test : { eq: test }).every(([word, operand]) =>
      meansValue(word, operand, row[name]),
    );
  });
}

function meansValue(word: string, operand: unknown, value: StoredValue | undefined): boolean {
  if (word === 'exists') return (value !== undefined) === operand;
  if (value === undefined) return false;
  const own = Array.isArray(value) ? value : [];
  const list = Array.isArray(operand) ? operand : [];
  const [a, b] = [Number(value), Number(operand)];
  const meanings: Record<string, () => boolean> = {
    eq: () => value === operand || (typeof value === 'number' && a === b),
    ne: () => value !== operand && !(typeof value === 'number' && a === b),
    in: () => list.includes(value),
    gt: () => a > b,
    gte: () => a >= b,
    lt: () => a < b,
    lte: () => a <= b,
    prefix: () => String(value).startsWith(String(operand)),
    contains: () => own.includes(operand),
    containsAny: () => list.some((entry) => own.includes(entry)),
    containsAll: () => list.every((entry) => own.includes(entry)),
  };
  return meanings[word]?.() ?? false;
}
