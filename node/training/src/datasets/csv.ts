// CSV files as typed columns, whole or in pieces; gzip is unpacked on the way.

import { TrainingError } from '../training-error.ts';
import { assertPositiveInteger } from './assert-positive-integer.ts';
import { ByteStream, type ReadOptions } from './byte-stream.ts';
import { CsvParser, type CsvRecord } from './csv-parser.ts';
import { type CsvOptions, CsvSchema } from './csv-schema.ts';

export type CsvColumn =
  | {
      readonly name: string;
      readonly type: 'number' | 'integer';
      /** NaN where a value is missing. */
      readonly values: Float64Array;
    }
  | {
      readonly name: string;
      readonly type: 'text';
      readonly values: readonly (string | undefined)[];
    };

export interface CsvTable {
  readonly rows: number;
  readonly columns: readonly CsvColumn[];
}

/** Most values of a table that is read whole. */
export const CSV_VALUES_MAX = 2 ** 27;

/**
 * Reads a whole CSV file.
 *
 * @throws TrainingError `corrupt-file` with file, line and column; `invalid-options`,
 *   `limit-exceeded`, `missing-file`, `storage-failed`, `unsupported-format`, `aborted`
 */
export async function readCsv(
  path: string,
  options: CsvOptions & ReadOptions = {},
): Promise<CsvTable> {
  const rows: Row[] = [];
  let schema: CsvSchema | undefined;
  for await (const piece of rowsOf(path, options)) {
    schema = piece.schema;
    for (const row of piece.rows) rows.push(row);
    if (rows.length * schema.columns.length > CSV_VALUES_MAX) {
      const limit = `CSV_VALUES_MAX = ${CSV_VALUES_MAX} values`;
      throw new TrainingError(
        'limit-exceeded',
        `${path} has more than ${limit}; read it in pieces`,
      );
    }
  }
  if (schema === undefined) throw new TrainingError('corrupt-file', `${path} has no records`);
  return tableOf(schema, rows);
}

/**
 * Streams a CSV file as tables of `rows` rows (256 when left out), the last one shorter.
 *
 * @throws TrainingError as `readCsv`
 */
export async function* readCsvPieces(
  path: string,
  options: CsvOptions & ReadOptions & { readonly rows?: number } = {},
): AsyncGenerator<CsvTable, void, undefined> {
  const { rows: most = 256 } = options;
  assertPositiveInteger('rows', most);
  let waiting: Row[] = [];
  let schema: CsvSchema | undefined;
  for await (const piece of rowsOf(path, options)) {
    schema = piece.schema;
    waiting = waiting.concat(piece.rows);
    let from = 0;
    for (; from + most <= waiting.length; from += most) {
      yield tableOf(schema, waiting.slice(from, from + most));
    }
    waiting = waiting.slice(from);
  }
  if (schema !== undefined && waiting.length > 0) yield tableOf(schema, waiting);
}

/**
 * Columns of numbers side by side: float32, flat, `[rows × names]`; all columns when none is named.
 *
 * @throws TrainingError `invalid-options` for a name that is none, or is no column of numbers
 */
export function csvMatrix(table: CsvTable, names?: readonly string[]): Float32Array {
  const chosen = (names ?? table.columns.map(({ name }) => name)).map((name) => {
    const column = table.columns.find((one) => one.name === name);
    if (column !== undefined && column.type !== 'text') return column.values;
    const what = column === undefined ? 'no column' : 'a column of text';
    throw new TrainingError('invalid-options', `"${name}" is ${what}; name columns of numbers`);
  });
  const matrix = new Float32Array(table.rows * chosen.length);
  for (const [at, values] of chosen.entries()) {
    for (let row = 0; row < table.rows; row++) {
      matrix[row * chosen.length + at] = values[row] as number;
    }
  }
  return matrix;
}

type Row = readonly (number | string | undefined)[];

async function* rowsOf(path: string, options: CsvOptions & ReadOptions) {
  let schema: CsvSchema | undefined;
  for await (const records of recordsOf(path, options)) {
    const [first] = records;
    if (first === undefined) continue;
    const isHeader = schema === undefined && (options.header ?? true);
    schema ??= new CsvSchema(path, namesOf(path, first, options), options);
    const rows: Row[] = [];
    for (const record of isHeader ? records.slice(1) : records) {
      const row = schema.valuesOf(record);
      if (row !== undefined) rows.push(row);
    }
    yield { schema, rows };
  }
}

function namesOf(path: string, { fields }: CsvRecord, options: CsvOptions): readonly string[] {
  const { header = true, names } = options;
  if (names !== undefined && names.length !== fields.length) {
    const message = `${path} has ${fields.length} columns for ${names.length} names`;
    throw new TrainingError('invalid-options', message);
  }
  if (names !== undefined) return names;
  return fields.map((field, i) => (header ? field.trim() : String(i + 1)));
}

async function* recordsOf(path: string, { separator = ',', signal }: CsvOptions & ReadOptions) {
  if ([...separator].length !== 1 || /["\r\n]/.test(separator)) {
    const message = `separator is ${JSON.stringify(separator)}: one character, such as , or ;`;
    throw new TrainingError('invalid-options', message);
  }
  await using file = await ByteStream.open(path, { signal });
  const parser = new CsvParser(path, separator);
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (bytes?: Uint8Array): string => {
    const from = file.position - (bytes?.length ?? 0);
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw file.corrupt(from, 'from here on the text is not UTF-8', cause);
    }
  };
  for (let bytes = await file.next(); bytes !== undefined; bytes = await file.next()) {
    yield parser.push(decoded(bytes));
  }
  yield parser.push(decoded());
  yield parser.end();
}

function tableOf({ columns }: CsvSchema, rows: readonly Row[]): CsvTable {
  const typed = columns.map(({ name, type }, i): CsvColumn => {
    if (type === 'text') {
      return { name, type, values: rows.map((row) => row[i] as string | undefined) };
    }
    return { name, type, values: Float64Array.from(rows, (row) => row[i] as number) };
  });
  return { rows: rows.length, columns: typed };
}
