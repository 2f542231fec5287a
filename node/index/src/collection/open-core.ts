import { join } from 'node:path';
import { corrupt, INDEX_FILE_NAME } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { removeUnnamed } from './checkpoint.ts';
import type { CollectionCore } from './collection-core.ts';
import {
  type CollectionOptions,
  type CollectionSettings,
  checkCollectionOptions,
  fixedOptions,
  mergeOptions,
} from './collection-options.ts';
import { FRAME_KINDS } from './frame.ts';
import { decodeDelete, decodeUpsert } from './log-record.ts';
import { MANIFEST_NAME, type Manifest, readManifest, writeManifest } from './manifest.ts';
import { hasLogRecords, type LogRecord, replayLog } from './replay-log.ts';
import type { Segment } from './segment.ts';
import { isSegmentName, openSegment } from './segment-files.ts';
import { optionsOfIndex } from './segment-index.ts';
import { SegmentSet } from './segment-set.ts';
import type { CollectionStorage, FolderLock } from './storage.ts';
import { onDisk, storageError } from './storage-error.ts';
import { type LogPosition, WriteAheadLog } from './write-ahead-log.ts';
import { WriteQueue } from './write-queue.ts';

/**
 * Locks a folder and opens what is in it: a collection, a single saved index, or nothing yet.
 *
 * @throws IndexError every code that `Collection.open` names
 */
export async function openCore(
  folder: string,
  settings: CollectionSettings,
  storage: CollectionStorage,
  signal: AbortSignal | undefined,
): Promise<CollectionCore> {
  signal?.throwIfAborted();
  if (settings.dimension !== undefined) {
    checkCollectionOptions(settings);
    await onDisk(`make ${folder}`, () => storage.makeFolder(folder));
  }
  const lock = await storage.lock(folder);
  try {
    const stored = await readManifest(storage, folder);
    const manifest = stored ?? (await createManifest(folder, settings, storage, signal));
    const options = mergeOptions(folder, manifest.options, settings);
    return await openStored(folder, manifest, options, storage, lock, signal);
  } catch (error) {
    await lock.release();
    signal?.throwIfAborted();
    throw storageError(error, `open ${folder}`);
  }
}

async function openStored(
  folder: string,
  manifest: Manifest,
  options: CollectionOptions,
  storage: CollectionStorage,
  lock: FolderLock,
  signal: AbortSignal | undefined,
): Promise<CollectionCore> {
  const { position, segments } = await readStored(folder, manifest, options, storage, signal);
  await removeUnnamed(storage, folder, manifest);
  const log = await WriteAheadLog.resume(storage, folder, position);
  const queue = new WriteQueue((records) => log.append(records, options.durability));
  const { nextNumber } = manifest;
  const isManifestInDoubt = false;
  return {
    folder,
    storage,
    options,
    segments,
    log,
    queue,
    lock,
    manifest,
    nextNumber,
    isManifestInDoubt,
  };
}

/** Reads what a manifest names into memory, and what the log holds beyond; changes nothing. */
export async function readStored(
  folder: string,
  manifest: Manifest,
  options: CollectionOptions,
  storage: CollectionStorage,
  signal: AbortSignal | undefined,
): Promise<{ readonly segments: SegmentSet; readonly position: LogPosition }> {
  const opened: Segment[] = [];
  for (const entry of manifest.segments) {
    signal?.throwIfAborted();
    opened.push(await openSegment(storage, folder, entry, options, signal));
  }
  const segments = new SegmentSet(options, opened);
  const start = { number: manifest.firstLog, sequence: manifest.sequence };
  const position = await replayLog(storage, folder, start, async (record) => {
    signal?.throwIfAborted();
    await applyRecord(segments, record, options);
  });
  return { segments, position };
}

async function applyRecord(
  segments: SegmentSet,
  record: LogRecord,
  options: CollectionOptions,
): Promise<void> {
  const { frame, path, startBytes } = record;
  try {
    if (frame.kind === FRAME_KINDS.upsert) {
      await segments.upsert(decodeUpsert(frame.payload, options.dimension));
    } else if (frame.kind === FRAME_KINDS.delete) {
      await segments.delete(decodeDelete(frame.payload));
    } else {
      throw new Error(`it is of the unknown kind ${frame.kind}`);
    }
  } catch (cause) {
    if (cause instanceof IndexError && cause.code === 'limit-exceeded') throw cause;
    throw corrupt(path, `the record at byte ${startBytes} makes no sense`, cause);
  }
}

/** Makes a folder without a manifest a collection. */
async function createManifest(
  folder: string,
  settings: CollectionSettings,
  storage: CollectionStorage,
  signal: AbortSignal | undefined,
): Promise<Manifest> {
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  if (names.some(isSegmentName) || (await hasLogRecords(storage, folder))) {
    throw new IndexError(
      'missing-file',
      `${join(folder, MANIFEST_NAME)} is not there, but rows are; restore it from a copy`,
    );
  }
  const hasAdopted = names.includes(INDEX_FILE_NAME);
  const found = hasAdopted ? await adopted(folder, settings, storage, signal) : undefined;
  if (found === undefined && settings.dimension === undefined) {
    throw new IndexError(
      'missing-file',
      `${folder} holds no collection; name a dimension to create one`,
    );
  }
  const options = found?.options ?? fixedOptions(checkCollectionOptions(settings));
  const log = await WriteAheadLog.create(storage, folder, 1, 0);
  await log.close();
  const manifest: Manifest = {
    options,
    segments: found === undefined ? [] : [found.entry],
    firstLog: 1,
    sequence: 0,
    hasAdopted,
    nextNumber: 1,
  };
  await writeManifest(storage, folder, manifest);
  return manifest;
}

/** A folder with one saved index becomes a collection with that file as its first segment. */
async function adopted(
  folder: string,
  settings: CollectionSettings,
  storage: CollectionStorage,
  signal: AbortSignal | undefined,
) {
  const index = await storage.openIndex(folder, signal);
  const options = fixedOptions(checkCollectionOptions({ ...settings, ...optionsOfIndex(index) }));
  const entry = { folder: '.', rows: index.size, metadataRows: 0, deletedFile: null };
  return { options, entry };
}
