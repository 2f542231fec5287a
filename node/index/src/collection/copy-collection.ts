import { join } from 'node:path';
import { INDEX_FILE_NAME } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import type { CollectionCore } from './collection-core.ts';
import { type SegmentEntry, writeManifest } from './manifest.ts';
import { METADATA_NAME, segmentName } from './segment-files.ts';
import { onDisk } from './storage-error.ts';
import { WriteAheadLog } from './write-ahead-log.ts';

/**
 * Copies what the manifest names into an empty folder, with a log of its own. The manifest comes
 * last: a copy that was cut short is no collection.
 *
 * @throws IndexError `invalid-option` when the folder holds anything, `storage-failed`
 */
export async function copyCollection(
  core: CollectionCore,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const { manifest, storage } = core;
  await onDisk(`make ${target}`, () => storage.makeFolder(target));
  const present = await onDisk(`list ${target}`, () => storage.list(target));
  if (present.length > 0) {
    throw new IndexError('invalid-option', `${target} is not empty; name a new folder`);
  }
  const segments: SegmentEntry[] = [];
  for (const [i, entry] of manifest.segments.entries()) {
    signal?.throwIfAborted();
    segments.push(await copySegment(core, target, entry, i + 1));
  }
  const log = await WriteAheadLog.create(storage, target, 1, manifest.sequence);
  await log.close();
  const nextNumber = segments.length + 1;
  await writeManifest(storage, target, {
    ...manifest,
    segments,
    firstLog: 1,
    hasAdopted: false,
    nextNumber,
  });
}

async function copySegment(
  core: CollectionCore,
  target: string,
  entry: SegmentEntry,
  number: number,
): Promise<SegmentEntry> {
  const { folder, storage } = core;
  const copy: SegmentEntry = { ...entry, folder: segmentName(number) };
  const [from, to] = [join(folder, entry.folder), join(target, copy.folder)];
  const names = [INDEX_FILE_NAME];
  if (entry.metadataRows > 0) names.push(METADATA_NAME);
  if (entry.deletedFile !== null) names.push(entry.deletedFile);
  await onDisk(`copy ${from} to ${to}`, async () => {
    await storage.makeFolder(to);
    for (const name of names) await storage.copyFile(join(from, name), join(to, name));
    await storage.syncFolder(to);
  });
  return copy;
}
