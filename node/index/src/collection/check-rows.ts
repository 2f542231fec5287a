import { checkBatch, checkComponents } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import type { FixedOptions } from './collection-options.ts';
import { checkMetadata, type Metadata } from './row-metadata.ts';

/** One row: `vector` is `[dimension]`. */
export interface Row {
  readonly id: string;
  readonly vector: Float32Array | Uint8Array | readonly number[];
  readonly metadata?: Metadata;
}

/** Many rows column by column: `vectors` is `[ids.length × dimension]`, row after row. */
export interface RowColumns {
  readonly ids: readonly string[];
  readonly vectors: Float32Array | Uint8Array;
  /** One entry per row. */
  readonly metadata?: readonly (Metadata | undefined)[];
}

export type Rows = readonly Row[] | RowColumns;

/** Rows that any index of the collection takes. */
export interface CheckedRows {
  readonly ids: readonly string[];
  readonly vectors: Float32Array;
  /** One entry per row; left out when no row has any. */
  readonly metadata?: readonly (Metadata | undefined)[];
}

/**
 * Refuses rows that could not be taken whole; `Float32Array` columns pass without a copy.
 *
 * @throws IndexError `dimension-mismatch`, `non-finite`, `no-byte`, `invalid-id`, `duplicate-id`,
 *   `invalid-metadata`, `limit-exceeded`
 */
export function checkRows(rows: Rows, options: FixedOptions): CheckedRows {
  const { ids, vectors, metadata } = 'ids' in rows ? columnsOf(rows) : joined(rows, options);
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
export function queryVector(query: Row['vector']): Float32Array {
  return query instanceof Float32Array ? query : Float32Array.from(query);
}

function columnsOf(rows: RowColumns): CheckedRows {
  const { ids, vectors, metadata } = rows;
  const floats = vectors instanceof Float32Array ? vectors : Float32Array.from(vectors);
  return metadata === undefined ? { ids, vectors: floats } : { ids, vectors: floats, metadata };
}

function joined(rows: readonly Row[], { dimension }: FixedOptions): CheckedRows {
  const vectors = new Float32Array(rows.length * dimension);
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
