// Every byte of every file of a folder, read again and held against its checksum.

import { join } from 'node:path';
import { INDEX_FILE_NAME } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { type Damage, REPAIRABLE, UNREPAIRABLE } from './damage-report.ts';
import { readFrameAt, seedOf } from './frame.ts';
import type { Manifest, SegmentEntry } from './manifest.ts';
import { type RowFileKind, readRowFile } from './row-file.ts';
import { METADATA_NAME } from './segment-files.ts';
import type { CollectionStorage, StoredFile } from './storage.ts';
import { onDisk } from './storage-error.ts';
import { type IndexFileSurvey, LINK_SECTIONS, surveyIndexFile } from './survey-index-file.ts';
import { isLossless, type LogDamage, type LogSurvey, surveyLog } from './survey-log.ts';
import { readWorkload, WORKLOAD_NAME } from './workload-file.ts';

/** What was read, and what is wrong with it. */
export interface FileReport {
  readonly files: number;
  readonly bytes: number;
  readonly log: LogSurvey | undefined;
  readonly damages: readonly Damage[];
}

/** Collects what is found. */
interface Findings {
  files: number;
  bytes: number;
  readonly damages: Damage[];
}

/**
 * Checks the files that a manifest names, or those of a single index.
 *
 * @throws IndexError `newer-format`, `storage-failed`
 */
export async function verifyFiles(
  folder: string,
  manifest: Manifest | undefined,
  storage: CollectionStorage,
  signal?: AbortSignal,
): Promise<FileReport> {
  const found: Findings = { files: 0, bytes: 0, damages: [] };
  const context = { folder, storage, found, signal };
  for (const entry of manifest?.segments ?? [{ folder: '.', metadataRows: 0, deletedFile: null }]) {
    await verifyIndexFile(context, join(entry.folder, INDEX_FILE_NAME));
    await verifyRowFiles(context, entry);
  }
  if (manifest === undefined) return { ...found, log: undefined };
  await verifyWorkload(context, manifest);
  const start = { number: manifest.firstLog, sequence: manifest.sequence };
  const log = await surveyLog(storage, folder, start);
  found.files += 1 + log.files;
  found.bytes += log.bytes;
  if (log.damage !== undefined) found.damages.push(logDamage(log.damage));
  return { ...found, log };
}

interface Context {
  readonly folder: string;
  readonly storage: CollectionStorage;
  readonly found: Findings;
  readonly signal: AbortSignal | undefined;
}

async function verifyIndexFile(context: Context, file: string): Promise<void> {
  const { damages } = context.found;
  await withFile(context, file, async (opened, path) => {
    const survey = await surveyIndexFile(path, opened, () => false, context.signal);
    damages.push(...indexFileDamages(file, survey));
  });
}

/** What is wrong with an index file. */
export function indexFileDamages(file: string, { problem, sections }: IndexFileSurvey): Damage[] {
  const damages: Damage[] = [];
  for (const { isIntact, name, offsetBytes } of sections) {
    if (isIntact) continue;
    const remedy = LINK_SECTIONS.has(name) ? REPAIRABLE : UNREPAIRABLE;
    damages.push({
      ...{ kind: 'changed', file, section: name, offsetBytes },
      ...{ detail: 'its bytes are not those that were written', ...remedy },
    });
  }
  if (problem !== undefined) {
    damages.push({ kind: 'changed', file, ...problem, ...UNREPAIRABLE });
  }
  return damages;
}

async function verifyRowFiles(
  context: Context,
  {
    deletedFile,
    folder,
    metadataRows,
  }: Pick<SegmentEntry, 'deletedFile' | 'folder' | 'metadataRows'>,
): Promise<void> {
  if (metadataRows > 0) await verifyRowFile(context, join(folder, METADATA_NAME), 'metadata');
  if (deletedFile !== null) await verifyRowFile(context, join(folder, deletedFile), 'deleted');
}

async function verifyRowFile(context: Context, file: string, kind: RowFileKind): Promise<void> {
  const { found, storage } = context;
  await withFile(context, file, async (opened, path) => {
    const detail = await refusalOf(() => readRowFile(storage, path, kind));
    if (detail === undefined) return;
    const offsetBytes = await firstBadFrame(opened);
    found.damages.push({ kind: 'changed', file, offsetBytes, detail, ...UNREPAIRABLE });
  });
}

async function verifyWorkload(context: Context, { options }: Manifest): Promise<void> {
  const { folder, found, storage } = context;
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  if (!names.includes(WORKLOAD_NAME)) return;
  await withFile(context, WORKLOAD_NAME, async (opened) => {
    const detail = await refusalOf(() => readWorkload(storage, folder, options.dimension));
    if (detail === undefined) return;
    found.damages.push({
      ...{ kind: 'changed', file: WORKLOAD_NAME, offsetBytes: await firstBadFrame(opened), detail },
      mending: 'possible',
      remedy: 'repair the folder: the sample of queries is removed, no row depends on it',
    });
  });
}

/** What is wrong with the log. */
export function logDamage(damage: LogDamage): Damage {
  const { lostRecords, name, offsetBytes, what } = damage;
  const lost = lostRecords === undefined ? 'an unknown number of' : `${lostRecords}`;
  const whose = what === 'head' ? 'its head' : 'a record';
  const place = { file: name, ...(what === 'missing' ? {} : { offsetBytes }) };
  if (isLossless(damage)) {
    const remedy = 'repair the folder: no record is lost';
    return { kind: 'changed', ...place, detail: `${whose} changed`, mending: 'possible', remedy };
  }
  return {
    kind: what === 'missing' ? 'missing' : 'changed',
    ...place,
    detail:
      what === 'missing'
        ? `it is not there, and ${lost} records with it`
        : `${whose} changed; ${lost} records from there on cannot be read`,
    mending: 'by-force',
    remedy: `${UNREPAIRABLE.remedy}, or repair it by force and give these records up`,
  };
}

async function withFile(
  { folder, found, signal, storage }: Context,
  file: string,
  check: (opened: StoredFile, path: string) => Promise<void>,
): Promise<void> {
  signal?.throwIfAborted();
  const path = join(folder, file);
  const opened = await onDisk(`read ${path}`, () => storage.openToRead(path));
  if (opened === undefined) {
    found.damages.push({ kind: 'missing', file, detail: 'it is not there', ...UNREPAIRABLE });
    return;
  }
  try {
    found.files++;
    found.bytes += opened.sizeBytes;
    await onDisk(`read ${path}`, () => check(opened, path));
  } finally {
    await opened.close();
  }
}

/** What a reader says against a file, `undefined` when it reads well. */
export async function refusalOf(read: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof IndexError && error.code !== 'corrupt-file') throw error;
    return error instanceof IndexError ? error.message : 'it holds nonsense';
  }
}

/** Where the frames of a row file stop making sense. */
async function firstBadFrame(file: StoredFile): Promise<number> {
  const head = await readFrameAt(file, 0, 0);
  if (head === undefined) return 0;
  const seed = seedOf(await file.read(0, head.endBytes));
  for (let at = head.endBytes; ; ) {
    const frame = await readFrameAt(file, at, seed);
    if (frame === undefined || at >= file.sizeBytes) return at;
    at = frame.endBytes;
  }
}
