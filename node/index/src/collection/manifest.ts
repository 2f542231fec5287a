// The manifest says which files make up the collection: whatever it does not name is not part of it.
// It is JSON with a SHA-256 over format and content, written beside the old one and put in its place
// by a rename, so that a crash leaves the old one or the new one.

import { join } from 'node:path';
import { corrupt, sha256 } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import type { FixedOptions } from './collection-options.ts';
import type { CollectionStorage } from './storage.ts';
import { onDisk } from './storage-error.ts';

export const MANIFEST_NAME = 'MANIFEST';
const MANIFEST_FORMAT_VERSION = 1;

/** One segment on disk. */
export interface SegmentEntry {
  /** Folder of the index file, relative to the collection; `.` is an adopted single index. */
  readonly folder: string;
  /** Rows in the index file. */
  readonly rows: number;
  /** Rows that have metadata; 0 means that there is no metadata file. */
  readonly metadataRows: number;
  /** Name of the file with the ids deleted since, within the folder. */
  readonly deletedFile: string | null;
}

export interface Manifest {
  readonly options: FixedOptions;
  readonly segments: readonly SegmentEntry[];
  /** The first log file that holds records which the segments lack. */
  readonly firstLog: number;
  /** The last log record that the segments hold. */
  readonly sequence: number;
  /** Whether the folder once was a single index, whose file the collection took over. */
  readonly hasAdopted: boolean;
  /** The number that the next new folder or file takes. */
  readonly nextNumber: number;
}

/** Replaces the manifest, on disk when it resolves. */
export async function writeManifest(
  storage: CollectionStorage,
  folder: string,
  manifest: Manifest,
): Promise<void> {
  const path = join(folder, MANIFEST_NAME);
  await onDisk(`replace ${path}`, async () => {
    const file = await storage.openToAppend(`${path}.new`, 'create');
    try {
      await file.append(Buffer.from(encodeManifest(MANIFEST_FORMAT_VERSION, manifest)));
      await file.sync();
    } finally {
      await file.close();
    }
    await storage.rename(`${path}.new`, path);
    await storage.syncFolder(folder);
  });
}

/**
 * Reads the manifest; `undefined` when the folder has none.
 *
 * @throws IndexError `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function readManifest(
  storage: CollectionStorage,
  folder: string,
): Promise<Manifest | undefined> {
  const path = join(folder, MANIFEST_NAME);
  const file = await onDisk(`read ${path}`, () => storage.openToRead(path));
  if (file === undefined) return undefined;
  try {
    const bytes = await onDisk(`read ${path}`, () => file.read(0, file.sizeBytes));
    return decodeManifest(path, bytes.toString());
  } finally {
    await file.close();
  }
}

function encodeManifest(format: unknown, manifest: unknown): string {
  const digest = sha256(Buffer.from(JSON.stringify([format, manifest])));
  return `${JSON.stringify({ format, sha256: digest, manifest }, undefined, 1)}\n`;
}

function decodeManifest(path: string, text: string): Manifest {
  let format: unknown;
  let manifest: unknown;
  try {
    ({ format, manifest } = JSON.parse(text));
  } catch (cause) {
    throw corrupt(path, 'it is no JSON', cause);
  }
  if (encodeManifest(format, manifest) !== text) throw corrupt(path, 'its checksum is wrong');
  if (typeof format === 'number' && format > MANIFEST_FORMAT_VERSION) {
    throw new IndexError(
      'newer-format',
      `${path} has format ${format}, this version reads up to ${MANIFEST_FORMAT_VERSION}; ` +
        'update Starling',
    );
  }
  return manifest as Manifest;
}
