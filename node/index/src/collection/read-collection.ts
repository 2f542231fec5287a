// A folder as it is on disk, in memory: a collection, or a single saved index. Changes nothing but
// the lock, which keeps others from changing it meanwhile.

import { join } from 'node:path';
import { corrupt, INDEX_FILE_NAME } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import {
  type CollectionOptions,
  checkCollectionOptions,
  mergeOptions,
} from './collection-options.ts';
import { MANIFEST_NAME, type Manifest, readManifest } from './manifest.ts';
import { readStored } from './open-core.ts';
import { Segment } from './segment.ts';
import { optionsOfIndex } from './segment-index.ts';
import { SegmentSet } from './segment-set.ts';
import type { CollectionStorage } from './storage.ts';
import { onDisk, storageError } from './storage-error.ts';

export interface ReadCollection {
  readonly options: CollectionOptions;
  readonly segments: SegmentSet;
}

/**
 * Reads the rows of a folder that the caller has locked.
 *
 * @param manifest - left out for the folder of a single index
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function readCollection(
  folder: string,
  manifest: Manifest | undefined,
  storage: CollectionStorage,
  signal?: AbortSignal,
): Promise<ReadCollection> {
  try {
    if (manifest !== undefined) {
      const options = mergeOptions(folder, manifest.options, {});
      const { segments } = await readStored(folder, manifest, options, storage, signal);
      return { options, segments };
    }
    const index = await storage.openIndex(folder, signal);
    const entry = { folder: '.', rows: index.size, metadataRows: 0, deletedFile: null };
    const options = checkCollectionOptions(optionsOfIndex(index));
    return { options, segments: new SegmentSet(options, [new Segment(index, entry)]) };
  } catch (error) {
    signal?.throwIfAborted();
    throw storageError(error, `read ${folder}`);
  }
}

/**
 * Runs a job on a locked folder.
 *
 * @throws IndexError `missing-file` when the folder holds neither a collection nor an index,
 *   `collection-locked`
 */
export async function withFolder<T>(
  folder: string,
  storage: CollectionStorage,
  job: () => Promise<T>,
): Promise<T> {
  await requireIndex(folder, storage);
  const lock = await storage.lock(folder);
  try {
    return await job();
  } finally {
    await lock.release();
  }
}

/**
 * The manifest of a folder; `undefined` for that of a single index.
 *
 * @throws IndexError `corrupt-file`, also when rows are there and no manifest
 */
export async function readManifestOf(
  folder: string,
  storage: CollectionStorage,
): Promise<Manifest | undefined> {
  const manifest = await readManifest(storage, folder);
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  if (manifest !== undefined || !names.some((name) => /^(wal|segment)-\d/.test(name))) {
    return manifest;
  }
  throw corrupt(join(folder, MANIFEST_NAME), 'it is not there, but rows are');
}

async function requireIndex(folder: string, storage: CollectionStorage): Promise<void> {
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  const isOne = names.some((name) => name === INDEX_FILE_NAME || OF_COLLECTION.test(name));
  if (isOne) return;
  throw new IndexError(
    'missing-file',
    `${folder} holds neither a collection nor an index; name the folder of one`,
  );
}

const OF_COLLECTION = /^(MANIFEST|wal-\d{6,12}\.log|segment-\d{6,12})$/;
