// What a row says about itself beside its vector: columns of the schema, kept as the columns keep
// them, and other flat fields, kept as they are. All of it is checked before it is logged.

import type { ColumnSchema, RowValues, StoredValue } from '../filter/column-types.ts';
import { parseValue } from '../filter/parse-value.ts';
import { IndexError } from '../index-error.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';

/** A field as it is kept: a timestamp column as ms since 1970, a keywords column as a list. */
export type MetadataValue = StoredValue | null;

/** The metadata of one row as it is kept and given back. */
export type StoredMetadata = Readonly<Record<string, MetadataValue>>;

/** The metadata of one row as a caller gives it: columns by their type, other fields as scalars. */
export type Metadata<S extends ColumnSchema = ColumnSchema> = RowValues<S> &
  Readonly<Record<string, MetadataValue | Date | undefined>>;

/**
 * A frozen copy of the metadata of one row.
 *
 * @throws IndexError `invalid-value` for a column, `invalid-metadata`, `limit-exceeded`
 */
export function checkMetadata(
  id: string,
  metadata: unknown,
  columns: ColumnSchema,
): StoredMetadata {
  if (!isPlainObject(metadata)) {
    throw refusal(id, 'metadata must be an object such as { year: 2024 }');
  }
  const kept: Record<string, MetadataValue> = {};
  for (const [name, value] of Object.entries(metadata)) {
    if (value === undefined) continue;
    if (name === '__proto__') throw refusal(id, `no field can be named '${name}'`);
    kept[name] = keptValue(id, name, value, columns);
  }
  const { length } = JSON.stringify(kept);
  const { metadataLengthMax } = COLLECTION_LIMITS;
  if (length > metadataLengthMax) {
    throw new IndexError(
      'limit-exceeded',
      `metadata of id '${id}' violates length = ${length} <= metadataLengthMax = ` +
        `${metadataLengthMax}; keep long texts elsewhere`,
    );
  }
  return Object.freeze(kept);
}

function keptValue(id: string, name: string, value: unknown, columns: ColumnSchema): MetadataValue {
  if (value === null) return null;
  const type = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (type !== undefined) return columnValue(id, () => parseValue(name, type, value));
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refusal(
    id,
    `field '${name}' must be a string, a finite number, a boolean or null, or a column`,
  );
}

function columnValue(id: string, parse: () => StoredValue): StoredValue {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof IndexError)) throw cause;
    throw new IndexError(cause.code, `id '${id}': ${cause.message}; nothing was written`, {
      cause,
    });
  }
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function refusal(id: string, detail: string): IndexError {
  return new IndexError('invalid-metadata', `id '${id}': ${detail}; nothing was written`);
}
