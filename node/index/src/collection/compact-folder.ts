import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { Collection } from './collection.ts';
import { NODE_STORAGE } from './node-storage.ts';
import { readManifestOf, withFolder } from './read-collection.ts';
import { onDisk } from './storage-error.ts';
import type { FolderContext } from './verify-collection.ts';

/** Slots before and after; the difference are holes that deleted rows had left. */
export interface CompactReport {
  readonly rows: number;
  readonly slotsBefore: number;
  readonly slotsAfter: number;
}

/**
 * Compacts a collection, see `Collection.compact`, or a single saved index, which stays one.
 *
 * @throws IndexError `missing-file` when the folder holds neither, `collection-locked`,
 *   `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function compactFolder(
  folder: string,
  { signal, storage = NODE_STORAGE }: FolderContext = {},
): Promise<CompactReport> {
  const single = await withFolder(folder, storage, async () => {
    if ((await readManifestOf(folder, storage)) !== undefined) return undefined;
    const index = await storage.openIndex(folder, signal);
    const compact = index instanceof HnswIndex ? index.compacted().index : index;
    await onDisk(`save ${folder}`, () => storage.saveIndex(compact, folder, signal));
    return { rows: index.size, slotsBefore: index.slotCount, slotsAfter: compact.slotCount };
  });
  if (single !== undefined) return single;
  await using collection = await Collection.open(folder, {}, { storage });
  const slots = async () => {
    const { deadRows, rows } = (await collection.inspect(signal ? { signal } : {})).statistics;
    return rows + deadRows;
  };
  const slotsBefore = await slots();
  await collection.compact(signal === undefined ? {} : { signal });
  return { rows: collection.size, slotsBefore, slotsAfter: await slots() };
}
