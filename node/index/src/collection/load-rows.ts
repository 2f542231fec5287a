import { checkInteger } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import type { Row, RowColumns, Rows } from './check-rows.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';

export interface LoadOptions {
  /** Called after every acknowledged batch with the number of rows that are durable so far. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Stops between batches; what was acknowledged stays. */
  readonly signal?: AbortSignal;
  /** Rows handed over at once. */
  readonly batchRows?: number;
}

export interface LoadProgress {
  readonly rows: number;
}

/** Rows one by one or in batches, from memory or from a stream. */
export type RowSource = Iterable<Row | RowColumns> | AsyncIterable<Row | RowColumns>;

/**
 * Writes a stream of rows in batches: one is gathered while the one before is on its way to disk. A
 * later row replaces an earlier one of the same id.
 *
 * @throws what the source or a write throws; earlier batches stay
 */
export async function loadRows(
  source: RowSource,
  write: (rows: Rows) => Promise<void>,
  options: LoadOptions,
): Promise<LoadProgress> {
  const { batchRows = COLLECTION_LIMITS.loadBatchRowsDefault, onProgress, signal } = options;
  checkInteger('batchRows', batchRows, 1, Number.MAX_SAFE_INTEGER);
  let loaded = 0;
  let underWay: Promise<void> = Promise.resolve();
  const send = async (rows: Rows, count: number) => {
    await underWay;
    signal?.throwIfAborted();
    underWay = write(rows).then(() => {
      loaded += count;
      onProgress?.({ rows: loaded });
    });
    // It is awaited later; a rejection meanwhile is not lost.
    underWay.catch(() => undefined);
  };
  const batch = new Map<string, Row>();
  const flush = async () => {
    if (batch.size === 0) return;
    const rows = [...batch.values()];
    batch.clear();
    await send(rows, rows.length);
  };
  try {
    for await (const item of source) {
      signal?.throwIfAborted();
      if (isColumns(item)) {
        await flush();
        await send(item, item.ids.length);
        continue;
      }
      if (typeof item !== 'object' || item === null) throw noRow(item);
      if (batch.has(item.id)) await flush();
      batch.set(item.id, item);
      if (batch.size >= batchRows) await flush();
    }
    await flush();
  } finally {
    await underWay.catch(() => undefined);
  }
  await underWay;
  return { rows: loaded };
}

function isColumns(item: Row | RowColumns): item is RowColumns {
  return typeof item === 'object' && item !== null && 'ids' in item;
}

function noRow(item: unknown): IndexError {
  const message = `a loaded row is ${item}; give { id, vector } or { ids, vectors }`;
  return new IndexError('invalid-option', message);
}
