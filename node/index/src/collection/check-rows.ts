import { checkBatch, checkComponents } from '../check-input.ts';
import type { ColumnSchema } from '../filter/column-types.ts';
import { IndexError } from '../index-error.ts';
import type { FixedOptions } from './collection-options.ts';
import { checkMetadata, type Metadata, type StoredMetadata } from './row-metadata.ts';

/** One row: `vector` is `[dimension]`. */
export interface Row<S extends ColumnSchema = ColumnSchema> {
  readonly id: string;
  readonly vector: Float32Array | Uint8Array | readonly number[];
  readonly metadata?: Metadata<S>;
}

/** Many rows column by column: `vectors` is `[ids.length × dimension]`, row after row. */
export interface RowColumns<S extends ColumnSchema = ColumnSchema> {
  readonly ids: readonly string[];
  readonly vectors: Float32Array | Uint8Array;
  /** One entry per row. */
  readonly metadata?: readonly (Metadata<S> | undefined)[];
}

export type Rows<S extends ColumnSchema = ColumnSchema> = readonly Row<S>[] | RowColumns<S>;

/** Rows that any index of the collection takes. */
export interface CheckedRows {
  readonly ids: readonly string[];
  readonly vectors: Float32Array | Uint8Array;
  /** One entry per row; left out when no row has any. */
  readonly metadata?: readonly (StoredMetadata | undefined)[];
}

/**
 * Refuses rows that could not be taken whole; typed columns pass without a copy.
 *
 * @throws IndexError `dimension-mismatch`, `non-finite`, `no-byte`, `invalid-id`, `duplicate-id`,
 *   `invalid-metadata`, `invalid-value`, `limit-exceeded`
 */
export function checkRows(rows: Rows, options: FixedOptions): CheckedRows {
  const { ids, vectors, metadata } = 'ids' in rows ? rows : joined(rows, options);
  checkBatch(ids, vectors, options.dimension);
  checkComponents(vectors, options);
  if (metadata?.some((entry) => entry !== undefined) !== true) return { ids, vectors };
  if (metadata.length !== ids.length) {
    throw new IndexError(
      'invalid-metadata',
      `${ids.length} ids have ${metadata.length} metadata entries; nothing was written`,
    );
  }
  const checked = ids.map((id, row) => {
    const entry = metadata[row];
    return entry === undefined ? undefined : checkMetadata(id, entry, options.columns);
  });
  return { ids, vectors, metadata: checked };
}

/** A query as the indexes take it; its values are checked by them. */
export function queryVector(query: Row['vector']): Float32Array | Uint8Array {
  const isTyped = query instanceof Float32Array || query instanceof Uint8Array;
  return isTyped ? query : Float32Array.from(query);
}

function joined(rows: readonly Row[], { dimension }: FixedOptions): RowColumns {
  const isBytes = rows.length > 0 && rows.every(({ vector }) => vector instanceof Uint8Array);
  const length = rows.length * dimension;
  const vectors = isBytes ? new Uint8Array(length) : new Float32Array(length);
  for (const [row, { id, vector }] of rows.entries()) {
    if (vector.length !== dimension) {
      throw new IndexError(
        'dimension-mismatch',
        `row ${row} (id '${id}') has ${vector.length} components, the collection ${dimension}; ` +
          'nothing was written',
      );
    }
    vectors.set(vector, row * dimension);
  }
  return {
    ids: rows.map((row) => row.id),
    vectors,
    metadata: rows.map((row) => row.metadata),
  };
}
