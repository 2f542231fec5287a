import { join } from 'node:path';
import { INDEX_FILE_NAME } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import type { CollectionCore } from './collection-core.ts';
import { type Damage, REPAIRABLE, UNREPAIRABLE } from './damage-report.ts';
import { MANIFEST_NAME, type Manifest, readManifest } from './manifest.ts';
import { NODE_STORAGE } from './node-storage.ts';
import { readCollection, withFolder } from './read-collection.ts';
import type { CollectionStorage } from './storage.ts';
import { type SegmentReport, verifyContents } from './verify-contents.ts';
import { type FileReport, refusalOf, verifyFiles } from './verify-files.ts';
import { WORKLOAD_NAME } from './workload-file.ts';

/** What a verification read, and all that it found wrong; nothing in a sound folder. */
export interface VerifyReport {
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  readonly rows: number;
  /** Rows that were asked to find themselves; of very many a seeded sample. */
  readonly searchedRows: number;
  readonly segments: readonly SegmentReport[];
  /** Whole records of the log that are in no segment file yet. */
  readonly logRecords: number;
  /** End of a write that a crash cut before it was acknowledged; opening drops it. */
  readonly tornLogBytes: number;
  readonly damages: readonly Damage[];
}

export interface FolderContext {
  readonly signal?: AbortSignal;
  /** The file system, that of Node when left out. */
  readonly storage?: CollectionStorage;
}

/**
 * Reads every file of an open collection again, and checks what is in memory. No write of a
 * checkpoint may be under way.
 */
export async function verifyOpen(
  core: CollectionCore,
  signal: AbortSignal | undefined,
): Promise<VerifyReport> {
  const { folder, queue, segments, storage } = core;
  // While no write is under way the log ends with a whole record.
  const files = await queue.exclusive(async () => {
    const manifest = await manifestOrDamage(folder, storage);
    if (isDamage(manifest)) return { ...NO_FILES, damages: [manifest] };
    return verifyFiles(folder, manifest, storage, signal);
  });
  const contents = await verifyContents(segments, (job) => queue.exclusive(job), signal);
  return reportOf(folder, files, contents);
}

/**
 * Reads every file of a folder and all that is in them: a collection, or a single saved index.
 * Changes nothing.
 *
 * @throws IndexError `missing-file` when the folder holds neither, `collection-locked`,
 *   `newer-format`, `storage-failed`
 */
export async function verifyFolder(
  folder: string,
  { signal, storage = NODE_STORAGE }: FolderContext = {},
): Promise<VerifyReport> {
  return withFolder(folder, storage, () => verifyLocked(folder, storage, signal));
}

/** The same for a folder that the caller has locked. */
export async function verifyLocked(
  folder: string,
  storage: CollectionStorage,
  signal: AbortSignal | undefined,
): Promise<VerifyReport> {
  const manifest = await manifestOrDamage(folder, storage);
  if (isDamage(manifest)) return reportOf(folder, { ...NO_FILES, damages: [manifest] });
  const files = await verifyFiles(folder, manifest, storage, signal);
  const isReadable = files.damages.every(({ file }) => file === WORKLOAD_NAME);
  if (!isReadable) return reportOf(folder, files);
  try {
    const { segments } = await readCollection(folder, manifest, storage, signal);
    return reportOf(folder, files, await verifyContents(segments, (job) => job(), signal));
  } catch (error) {
    if (!(error instanceof IndexError) || error.code !== 'corrupt-file') throw error;
    const damages = await contradictions(folder, manifest, storage, error, signal);
    return reportOf(folder, { ...files, damages: [...files.damages, ...damages] });
  }
}

/** Which files do not fit although every checksum holds: they were written as they are. */
async function contradictions(
  folder: string,
  manifest: Manifest | undefined,
  storage: CollectionStorage,
  refusal: IndexError,
  signal: AbortSignal | undefined,
): Promise<Damage[]> {
  const found: Damage[] = [];
  const kind = 'contradiction';
  for (const entry of manifest?.segments ?? [{ folder: '.' }]) {
    const file = join(entry.folder, INDEX_FILE_NAME);
    const detail = await refusalOf(() => storage.openIndex(join(folder, entry.folder), signal));
    if (detail !== undefined) {
      found.push({ kind, file, section: 'links', detail, ...REPAIRABLE });
    }
  }
  if (found.length > 0) return found;
  return [{ kind, file: MANIFEST_NAME, detail: refusal.message, ...UNREPAIRABLE }];
}

const NO_FILES = Object.freeze({ files: 0, bytes: 0, log: undefined });

/** The manifest, or what is wrong with it; `undefined` where there is only a single index. */
async function manifestOrDamage(
  folder: string,
  storage: CollectionStorage,
): Promise<Manifest | Damage | undefined> {
  const damage = { file: MANIFEST_NAME, ...UNREPAIRABLE };
  try {
    const manifest = await readManifest(storage, folder);
    if (manifest !== undefined) return manifest;
  } catch (error) {
    if (!(error instanceof IndexError) || error.code !== 'corrupt-file') throw error;
    return { ...damage, kind: 'changed', offsetBytes: 0, detail: 'its checksum is wrong' };
  }
  const names = await storage.list(folder);
  if (!names.some((name) => /^(wal|segment)-\d/.test(name))) return undefined;
  return { ...damage, kind: 'missing', detail: 'it is not there, but rows are' };
}

function isDamage(manifest: Manifest | Damage | undefined): manifest is Damage {
  return manifest !== undefined && 'remedy' in manifest;
}

function reportOf(
  folder: string,
  { bytes, damages, files, log }: FileReport,
  contents?: Awaited<ReturnType<typeof verifyContents>>,
): VerifyReport {
  return {
    ...{ folder, files, bytes, rows: contents?.rows ?? 0 },
    searchedRows: contents?.searchedRows ?? 0,
    segments: contents?.segments ?? [],
    logRecords: log?.records ?? 0,
    tornLogBytes: log?.tornBytes ?? 0,
    damages: [...damages, ...(contents?.damages ?? [])],
  };
}
