import { OBSERVER_DEFAULTS } from '../observe/index-observer.ts';
import { SearchWorkload } from '../observe/search-workload.ts';
import { type CollectionInspection, inspectSegments } from './inspect-segments.ts';
import { NODE_STORAGE } from './node-storage.ts';
import {
  type ReadCollection,
  readCollection,
  readManifestOf,
  withFolder,
} from './read-collection.ts';
import type { CollectionStorage } from './storage.ts';
import type { FolderContext } from './verify-collection.ts';
import { readWorkload } from './workload-file.ts';

/**
 * Looks at a collection or a single saved index that no process has open, as `Collection.inspect`
 * does, with the queries that the folder remembers. Changes nothing.
 *
 * @throws IndexError `missing-file` when the folder holds neither, `collection-locked`,
 *   `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function inspectFolder(
  folder: string,
  { signal, storage = NODE_STORAGE }: FolderContext = {},
): Promise<CollectionInspection> {
  return withFolder(folder, storage, async () => {
    const manifest = await readManifestOf(folder, storage);
    const read = await readCollection(folder, manifest, storage, signal);
    return inspectRead(folder, read, storage, signal);
  });
}

/** The same for rows that were read. */
export async function inspectRead(
  folder: string,
  { options, segments }: ReadCollection,
  storage: CollectionStorage,
  signal: AbortSignal | undefined,
): Promise<CollectionInspection> {
  const workload = new SearchWorkload(OBSERVER_DEFAULTS);
  const queries = readWorkload(storage, folder, options.dimension);
  workload.restore(await queries.catch(() => []));
  const subject = { segments, options, exclusive: <T>(job: () => Promise<T>) => job() };
  return inspectSegments(subject, workload, OBSERVER_DEFAULTS, signal);
}
