import { join } from 'node:path';
import { scheduler } from 'node:timers/promises';
import { INDEX_FILE_NAME } from '../file/section-file.ts';
import type { StoredIndex } from '../file/stored-index.ts';
import {
  decodeSlotCount,
  decodeTable,
  decodeTableOptions,
  decodeTableV1,
  rowPlaces,
} from '../file/table-sections.ts';
import { decodeOptions } from '../hnsw/graph-sections.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { keepCopy } from './keep-copy.ts';
import type { RepairStep } from './repair-report.ts';
import type { CollectionStorage, StoredFile } from './storage.ts';
import { onDisk } from './storage-error.ts';
import { LINK_SECTIONS, surveyIndexFile } from './survey-index-file.ts';

/**
 * Builds the graph of an index file anew from its rows and ids, which must be intact, and puts the
 * new file in its place; the damaged one is kept in the folder.
 *
 * @param segment - folder of the index within `folder`; `.` for the folder itself
 * @throws IndexError `corrupt-file` when rows or ids make no sense, `storage-failed`
 */
export async function repairIndexFile(
  storage: CollectionStorage,
  folder: string,
  segment: string,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal | undefined },
): Promise<RepairStep> {
  const path = join(folder, segment, INDEX_FILE_NAME);
  const table = await readTable(storage, path, signal);
  const file = join(segment, INDEX_FILE_NAME);
  const detail = `the links of ${table.table.size} rows built anew`;
  if (dryRun) return { action: 'rebuild-graph', file, detail, keptAs: [] };
  const index = await indexOf(table, signal);
  const name = segment === '.' ? INDEX_FILE_NAME : `${segment}.${INDEX_FILE_NAME}`;
  const keptAs = await keepCopy(storage, folder, path, name);
  await onDisk(`write ${path}`, () => storage.saveIndex(index, join(folder, segment), signal));
  return { action: 'rebuild-graph', file, detail, keptAs: [keptAs] };
}

/** Vector types whose stored rows are what they would be if they were stored again. */
const EXACT_TYPES: ReadonlySet<string> = new Set(['f32', 'f16', 'u8']);

interface ReadTable {
  readonly table: VectorTable;
  readonly stored: StoredIndex;
}

async function readTable(
  storage: CollectionStorage,
  path: string,
  signal: AbortSignal | undefined,
): Promise<ReadTable> {
  const file = await onDisk(`read ${path}`, () => storage.openToRead(path));
  if (file === undefined) throw new Error(`${path} went away`);
  try {
    return await onDisk(`read ${path}`, () => decoded(path, file, signal));
  } finally {
    await file.close();
  }
}

async function decoded(
  path: string,
  file: StoredFile,
  signal: AbortSignal | undefined,
): Promise<ReadTable> {
  const { stored } = await surveyIndexFile(path, file, (name) => !LINK_SECTIONS.has(name), signal);
  if (stored === undefined) throw new Error(`${path} has no header`);
  return stored.decode(() => {
    stored.require(stored.text('kind') === 'hnsw', 'it has no graph that could be built anew');
    const isOld = stored.version === 1;
    const slotCount = isOld ? stored.idSection('ids').length : decodeSlotCount(stored);
    const capacity = Math.max(slotCount, 1);
    const table = new VectorTable({ ...decodeTableOptions(stored), capacity });
    if (isOld) decodeTableV1(stored, table);
    else {
      for (const [name, place] of rowPlaces(table, slotCount)) {
        place.set(stored.uint8Section(name));
      }
      decodeTable(stored, table, slotCount);
    }
    const isExact = table.rows.exact !== undefined || EXACT_TYPES.has(table.vectorType);
    stored.require(isExact, 'it has codes and no exact rows that a graph could be built from');
    return { table, stored };
  });
}

async function indexOf(
  { stored, table }: ReadTable,
  signal: AbortSignal | undefined,
): Promise<HnswIndex> {
  const index = new HnswIndex(stored.decode(decodeOptions));
  index.reserve(table.size);
  for (let slot = 0; slot < table.slotCount; slot++) {
    const id = table.idOf(slot);
    if (id !== undefined) index.insertBatch([id], table.vectorOf(slot));
    if (slot % COLLECTION_LIMITS.rowsPerTurn > 0) continue;
    signal?.throwIfAborted();
    await scheduler.yield();
  }
  return index;
}
