// JSON lines (https://jsonlines.org): one object per line, `{ "id", "vector", "metadata" }`.

import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { checkFinite } from './component-type.ts';
import { ImportFile } from './import-file.ts';
import { readLines, type TextLine } from './text-lines.ts';
import {
  batchRowsOf,
  IMPORT_LIMITS,
  type ImportOptions,
  type RowMetadata,
  type VectorBatch,
} from './vector-batch.ts';

/** Names of the fields of a line. */
export interface JsonlFields {
  /** Holds a string or an integer. */
  readonly id: string;
  /** Holds an array of numbers. */
  readonly vector: string;
  /** Holds an object, or is absent. */
  readonly metadata: string;
}

export interface JsonlOptions extends ImportOptions {
  readonly fields?: Partial<JsonlFields>;
}

export const JSONL_FIELDS: JsonlFields = Object.freeze({
  id: 'id',
  vector: 'vector',
  metadata: 'metadata',
});

/**
 * Streams a JSONL file. Blank lines are skipped; every vector must have the dimension of the
 * first.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `invalid-id`, `dimension-mismatch`,
 *   `limit-exceeded`, `non-finite`, `storage-failed`; each names the line
 */
export async function* readJsonl(
  path: string,
  options: JsonlOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  const fields = { ...JSONL_FIELDS, ...options.fields };
  const batchRowsMax = batchRowsOf(options, 1);
  await using file = await ImportFile.open(path, options);
  let rows = 0;
  let dimension = 0;
  let pending: Row[] = [];
  let pendingBytes = 0;
  for await (const line of readLines(file)) {
    const row = parseRow(file, line, fields);
    if (row === undefined) continue;
    if (rows === 0 && pending.length === 0) dimension = row.vector.length;
    checkDimension(file, line, row, dimension);
    pending.push(row);
    pendingBytes += line.bytes.length;
    if (pending.length < batchRowsMax && pendingBytes < IMPORT_LIMITS.batchBytesMax) continue;
    yield toBatch(pending, dimension);
    rows += pending.length;
    file.report(rows, line.endBytes);
    pending = [];
    pendingBytes = 0;
  }
  if (pending.length === 0) return;
  yield toBatch(pending, dimension);
  file.report(rows + pending.length, file.sizeBytes);
}

interface Row {
  readonly id: string;
  readonly vector: Float32Array;
  readonly metadata: RowMetadata | undefined;
}

function parseRow(file: ImportFile, line: TextLine, fields: JsonlFields): Row | undefined {
  const text = decodeLine(file, line);
  if (text.trim() === '') return undefined;
  const value = parseJson(file, line, text);
  if (!isRecord(value)) throw malformed(file, line, 'it is no JSON object');
  const vector = value[fields.vector];
  if (!Array.isArray(vector) || vector.length === 0) {
    throw malformed(file, line, `its field '${fields.vector}' is no array of numbers`);
  }
  const position = vector.findIndex((component) => typeof component !== 'number');
  if (position >= 0) {
    throw malformed(file, line, `component ${position} of '${fields.vector}' is no number`);
  }
  const components = Float32Array.from(vector as number[]);
  checkFinite(components, components.length, () => placeOf(file, line));
  const id = parseId(file, line, value[fields.id], fields.id);
  const metadata = value[fields.metadata] ?? undefined;
  if (metadata !== undefined && !isRecord(metadata)) {
    throw malformed(file, line, `its field '${fields.metadata}' is no object`);
  }
  return { id, vector: components, metadata };
}

function parseId(file: ImportFile, line: TextLine, id: unknown, field: string): string {
  const text = Number.isSafeInteger(id) ? String(id) : id;
  if (typeof text === 'string' && text.length > 0 && text.length <= INDEX_LIMITS.idLengthMax) {
    return text;
  }
  throw new IndexError(
    'invalid-id',
    `${placeOf(file, line)}: its field '${field}' must be an integer or a string of 1 to ` +
      `idLengthMax = ${INDEX_LIMITS.idLengthMax} characters; name the right field or mend the line`,
  );
}

function checkDimension(file: ImportFile, line: TextLine, row: Row, dimension: number): void {
  const { length } = row.vector;
  if (length > INDEX_LIMITS.dimensionMax) {
    throw new IndexError(
      'limit-exceeded',
      `${placeOf(file, line)}: dimension ${length} violates dimension <= dimensionMax = ` +
        `${INDEX_LIMITS.dimensionMax}; embed with a smaller model`,
    );
  }
  if (length === dimension) return;
  throw new IndexError(
    'dimension-mismatch',
    `${placeOf(file, line)}: its vector has ${length} components, the first ${dimension}; embed ` +
      'all with the same model',
  );
}

function decodeLine(file: ImportFile, line: TextLine): string {
  try {
    return UTF8.decode(line.bytes);
  } catch {
    throw malformed(file, line, 'it is no UTF-8');
  }
}

function parseJson(file: ImportFile, line: TextLine, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed(file, line, 'it is no JSON');
  }
}

function malformed(file: ImportFile, line: TextLine, what: string): IndexError {
  return new IndexError('corrupt-file', `${placeOf(file, line)}: ${what}; mend or remove the line`);
}

function placeOf(file: ImportFile, line: TextLine): string {
  return `${file.path}, line ${line.number}, byte ${line.startBytes}`;
}

function toBatch(rows: readonly Row[], dimension: number): VectorBatch {
  const vectors = new Float32Array(rows.length * dimension);
  for (const [i, row] of rows.entries()) vectors.set(row.vector, i * dimension);
  const ids = rows.map((row) => row.id);
  return { ids, vectors, dimension, metadata: rows.map((row) => row.metadata) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });
