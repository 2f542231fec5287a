// What a row says about itself beside its vector: a flat object of scalars, checked at the edge.

import { IndexError } from '../index-error.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';

export type MetadataValue = string | number | boolean | null;

export type Metadata = Readonly<Record<string, MetadataValue>>;

/** The types that a column of the schema can have; every column also takes null. */
export const COLUMN_TYPES = ['string', 'number', 'boolean'] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

/** Metadata fields with a fixed type; other fields are stored as they come. */
export type Columns = Readonly<Record<string, ColumnType>>;

/**
 * A frozen copy of the metadata of one row.
 *
 * @throws IndexError `invalid-metadata`, `limit-exceeded`
 */
export function checkMetadata(id: string, metadata: unknown, columns: Columns): Metadata {
  if (!isPlainObject(metadata)) {
    throw refusal(id, 'metadata must be an object such as { year: 2024 }');
  }
  const fields = Object.entries(metadata);
  for (const [name, value] of fields) checkField(id, name, value, columns);
  const copy = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  const length = JSON.stringify(copy).length;
  const { metadataLengthMax } = COLLECTION_LIMITS;
  if (length > metadataLengthMax) {
    throw new IndexError(
      'limit-exceeded',
      `metadata of id '${id}' violates length = ${length} <= metadataLengthMax = ` +
        `${metadataLengthMax}; keep long texts elsewhere`,
    );
  }
  return Object.freeze(copy) as Metadata;
}

/** Refuses a schema with unknown types or too many columns. */
export function checkColumns(columns: Columns): void {
  const entries = Object.entries(columns);
  if (entries.length > COLLECTION_LIMITS.columnsMax) {
    const { columnsMax } = COLLECTION_LIMITS;
    throw new IndexError('limit-exceeded', `${entries.length} columns violate <= ${columnsMax}`);
  }
  for (const [name, type] of entries) {
    if ((COLUMN_TYPES as readonly string[]).includes(type)) continue;
    const known = COLUMN_TYPES.join(', ');
    throw new IndexError('invalid-option', `column '${name}' is '${type}'; use one of ${known}`);
  }
}

function checkField(id: string, name: string, value: unknown, columns: Columns): void {
  if (value === null || value === undefined) return;
  const type = typeof value;
  if (type !== 'string' && type !== 'boolean' && !Number.isFinite(value)) {
    throw refusal(id, `field '${name}' must be a string, a finite number, a boolean or null`);
  }
  const wanted = Object.hasOwn(columns, name) ? columns[name] : undefined;
  if (wanted !== undefined && wanted !== type) {
    throw refusal(id, `field '${name}' is a ${type}, its column takes ${wanted}s`);
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
