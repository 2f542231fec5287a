// A checkpoint moves what the log holds into segment files: the log turns to a new file, changed
// segments are copied in memory, then written while reads and writes go on; the new manifest makes
// them valid, and what it no longer names is removed.

import { join } from 'node:path';
import { INDEX_FILE_NAME } from '../file/section-file.ts';
import type { CollectionCore } from './collection-core.ts';
import { logNumberOf } from './log-file.ts';
import { MANIFEST_NAME, type Manifest, type SegmentEntry, writeManifest } from './manifest.ts';
import type { Segment } from './segment.ts';
import {
  isDeletedName,
  isSegmentName,
  saveDeleted,
  saveSegment,
  segmentName,
} from './segment-files.ts';
import type { CollectionStorage } from './storage.ts';
import { onDisk } from './storage-error.ts';

/** Share of deleted rows from which on a segment is written anew instead of a list of them. */
const REWRITE_SHARE = 0.2;

/** A segment on its way to disk. */
interface SavedSegment {
  /** Left out for a segment without rows, which needs no files. */
  readonly entry: SegmentEntry | undefined;
  /** Called when the manifest names the new files. */
  readonly commit: () => void;
}

/**
 * Makes the segment files hold everything that was written before the call.
 *
 * @param mustRewrite - segments whose files must be written whole, deleted rows left out
 * @throws IndexError `storage-failed`; the former files and the log are still whole then
 */
export async function writeCheckpoint(
  core: CollectionCore,
  mustRewrite: (segment: Segment) => boolean = () => false,
): Promise<void> {
  const { folder, log, queue, segments, storage } = core;
  const begun = await queue.exclusive(async () => {
    queue.checkWhole();
    await log.rotate();
    const stored = segments.segments;
    const saves = stored.map((segment) => beginSave(core, segment, mustRewrite(segment)));
    return { stored, saves, firstLog: log.number, sequence: log.sequence };
  });
  try {
    const results = await Promise.allSettled(begun.saves);
    const saved = results.map(valueOrThrow);
    await onDisk(`write ${folder}`, () => storage.syncFolder(folder));
    await replaceManifest(core, {
      ...core.manifest,
      segments: saved.map(({ entry }) => entry).filter((entry) => entry !== undefined),
      firstLog: begun.firstLog,
      sequence: begun.sequence,
      nextNumber: core.nextNumber,
    });
    for (const { commit } of saved) commit();
    segments.dropEmpty();
  } catch (error) {
    for (const segment of begun.stored) segment.abandonSave();
    // Half a segment would keep a full disk full.
    if (!core.isManifestInDoubt) await removeUnnamed(storage, folder, core.manifest).catch(() => 0);
    throw error;
  }
  await removeUnnamed(storage, folder, core.manifest);
}

// When the last step fails, the disk may hold either manifest: the files of both have to stay.
async function replaceManifest(core: CollectionCore, manifest: Manifest): Promise<void> {
  core.isManifestInDoubt = true;
  await writeManifest(core.storage, core.folder, manifest);
  core.isManifestInDoubt = false;
  core.manifest = manifest;
}

/** Removes files that the manifest does not name: of a crash, or of the checkpoint before. */
export async function removeUnnamed(
  storage: CollectionStorage,
  folder: string,
  manifest: Manifest,
): Promise<void> {
  await onDisk(`clean up ${folder}`, async () => {
    const unnamed: string[] = [];
    const entries = new Map(manifest.segments.map((entry) => [entry.folder, entry]));
    for (const name of await storage.list(folder)) {
      if (isUnnamed(name, manifest, entries)) unnamed.push(join(folder, name));
    }
    for (const entry of manifest.segments) {
      for (const name of await storage.list(join(folder, entry.folder))) {
        const isLeft = isDeletedName(name) && name !== entry.deletedFile;
        if (isLeft || name === `${INDEX_FILE_NAME}.new`)
          unnamed.push(join(folder, entry.folder, name));
      }
    }
    for (const path of new Set(unnamed)) await storage.remove(path);
    if (unnamed.length > 0) await storage.syncFolder(folder);
  });
}

function isUnnamed(
  name: string,
  manifest: Manifest,
  entries: ReadonlyMap<string, SegmentEntry>,
): boolean {
  if (name === `${MANIFEST_NAME}.new`) return true;
  if (isSegmentName(name)) return !entries.has(name);
  const isOfAdopted = name === INDEX_FILE_NAME || isDeletedName(name);
  if (isOfAdopted && manifest.hasAdopted) return !entries.has('.');
  const log = logNumberOf(name);
  return log !== undefined && log < manifest.firstLog;
}

/** Copies what changed in a segment, at once, and writes it. */
function beginSave(
  core: CollectionCore,
  segment: Segment,
  mustRewrite: boolean,
): Promise<SavedSegment> {
  const { entry } = segment;
  const deleted = segment.deletedIds.size;
  const isHollow = deleted > REWRITE_SHARE * (segment.size + deleted);
  const number = core.nextNumber;
  if (segment.size === 0) return saveNothing(segment);
  if (entry === undefined || segment.isGrown || isHollow || (mustRewrite && deleted > 0)) {
    core.nextNumber++;
    return saveWhole(core, segment, number);
  }
  if (!segment.isShrunk) return Promise.resolve({ entry, commit: () => undefined });
  core.nextNumber++;
  return saveShrunk(core, segment, entry, number);
}

async function saveNothing(segment: Segment): Promise<SavedSegment> {
  segment.beginSave();
  return { entry: undefined, commit: () => segment.endSave(undefined) };
}

async function saveWhole(
  core: CollectionCore,
  segment: Segment,
  number: number,
): Promise<SavedSegment> {
  const saved = saveSegment(core.storage, core.folder, segmentName(number), segment);
  segment.beginSave();
  const entry = await saved;
  return { entry, commit: () => segment.endSave(entry) };
}

async function saveShrunk(
  core: CollectionCore,
  segment: Segment,
  entry: SegmentEntry,
  number: number,
): Promise<SavedSegment> {
  const ids = [...segment.deletedIds];
  const shrunk = await saveDeleted(core.storage, core.folder, entry, number, ids);
  return { entry: shrunk, commit: () => segment.storedDeletes(shrunk, ids.length) };
}

function valueOrThrow<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
