// The files of one segment: a folder with the index file, a row file of metadata when there is any,
// and a row file of the ids deleted since. All of them are written once and never changed.

import { join } from 'node:path';
import { corrupt } from '../file/section-file.ts';
import type { FixedOptions } from './collection-options.ts';
import type { SegmentEntry } from './manifest.ts';
import { readRowFile, writeRowFile } from './row-file.ts';
import { checkMetadata, type Metadata } from './row-metadata.ts';
import { Segment } from './segment.ts';
import type { CollectionStorage } from './storage.ts';
import { onDisk } from './storage-error.ts';

export const METADATA_NAME = 'metadata.rows';
const SEGMENT_NAME = /^(\.|segment-\d{6,12})$/;
const DELETED_NAME = /^deleted-\d{6,12}\.rows$/;

export function segmentName(number: number): string {
  return `segment-${String(number).padStart(6, '0')}`;
}

export function isSegmentName(name: string): boolean {
  return SEGMENT_NAME.test(name);
}

export function isDeletedName(name: string): boolean {
  return DELETED_NAME.test(name);
}

/**
 * Writes a segment into a new folder as it is at the moment of the call; on disk when it resolves,
 * but for the name of the folder.
 */
export async function saveSegment(
  storage: CollectionStorage,
  folder: string,
  name: string,
  segment: Segment,
): Promise<SegmentEntry> {
  const path = join(folder, name);
  const saved = onDisk(`save ${path}`, () => storage.saveIndex(segment.index, path));
  const entry = { folder: name, rows: segment.size, deletedFile: null };
  const metadata = segment.metadataRows();
  await saved;
  if (metadata.length > 0) {
    await writeRowFile(storage, join(path, METADATA_NAME), 'metadata', metadata);
    await onDisk(`write ${path}`, () => storage.syncFolder(path));
  }
  return { ...entry, metadataRows: metadata.length };
}

/** Writes the ids deleted from a segment since its index file was written. */
export async function saveDeleted(
  storage: CollectionStorage,
  folder: string,
  entry: SegmentEntry,
  number: number,
  ids: readonly string[],
): Promise<SegmentEntry> {
  const path = join(folder, entry.folder);
  const deletedFile = `deleted-${String(number).padStart(6, '0')}.rows`;
  await writeRowFile(storage, join(path, deletedFile), 'deleted', ids);
  await onDisk(`write ${path}`, () => storage.syncFolder(path));
  return { ...entry, deletedFile };
}

/**
 * Opens a segment after checking every byte of its files.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function openSegment(
  storage: CollectionStorage,
  folder: string,
  entry: SegmentEntry,
  options: FixedOptions,
  signal?: AbortSignal,
): Promise<Segment> {
  const path = join(folder, entry.folder);
  if (!isSegmentName(entry.folder)) throw corrupt(path, 'it is no name of a segment');
  const index = await storage.openIndex(path, signal);
  if (index.dimension !== options.dimension || index.metric !== options.metric) {
    throw corrupt(path, `it is ${index.metric} of dimension ${index.dimension}`);
  }
  if (index.size !== entry.rows) {
    throw corrupt(path, `it holds ${index.size} rows instead of ${entry.rows}`);
  }
  const segment = new Segment(index, entry);
  if (entry.metadataRows > 0) await restoreMetadata(storage, path, segment, entry, options);
  if (entry.deletedFile !== null)
    await restoreDeleted(storage, join(path, entry.deletedFile), segment);
  return segment;
}

async function restoreMetadata(
  storage: CollectionStorage,
  folder: string,
  segment: Segment,
  entry: SegmentEntry,
  options: FixedOptions,
): Promise<void> {
  const path = join(folder, METADATA_NAME);
  const rows = await readRowFile(storage, path, 'metadata');
  if (rows.length !== entry.metadataRows) {
    throw corrupt(path, `it holds ${rows.length} rows instead of ${entry.metadataRows}`);
  }
  for (const row of rows) {
    const [id, metadata] = row as [string, Metadata];
    if (!segment.index.has(id)) throw corrupt(path, `id '${id}' is not in the index beside it`);
    segment.restoreMetadata(id, checkMetadata(id, metadata, options.columns));
  }
}

async function restoreDeleted(
  storage: CollectionStorage,
  path: string,
  segment: Segment,
): Promise<void> {
  const ids = (await readRowFile(storage, path, 'deleted')) as readonly string[];
  if (!ids.every((id) => typeof id === 'string')) throw corrupt(path, 'it is no list of ids');
  segment.restoreDeleted(ids);
}
