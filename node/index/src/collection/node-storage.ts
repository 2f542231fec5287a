// The file system of Node behind the `CollectionStorage` port.

import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lockFolder } from './folder-lock.ts';
import { openSegmentIndex } from './segment-index.ts';
import type { CollectionStorage, GrowingFile, StoredFile } from './storage.ts';

/** One read or write call moves 2 GiB at most. */
const CALL_BYTES_MAX = 2 ** 30;

export const NODE_STORAGE: CollectionStorage = Object.freeze({
  makeFolder,
  list,
  openToRead,
  openToAppend,
  rename,
  remove: (path: string) => rm(path, { recursive: true, force: true }),
  syncFolder,
  copyFile: copyToDisk,
  saveIndex: (index, folder, signal) => index.save(folder, signal === undefined ? {} : { signal }),
  openIndex: openSegmentIndex,
  lock: lockFolder,
} satisfies CollectionStorage);

async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // The name of a folder is on disk when its parent is.
  for (let made = folder; ; made = dirname(made)) {
    await syncFolder(dirname(made));
    if (made === first || made === dirname(made)) return;
  }
}

async function list(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function openToRead(path: string): Promise<StoredFile | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    read: (position, lengthBytes) => readUpTo(file, position, Math.min(lengthBytes, size)),
    close: () => file.close(),
  };
}

async function openToAppend(path: string, mode: 'create' | 'continue'): Promise<GrowingFile> {
  const file = await open(path, mode === 'create' ? 'w' : 'r+');
  let end = mode === 'create' ? 0 : (await file.stat()).size;
  return {
    async append(bytes) {
      for (let done = 0; done < bytes.length; ) {
        const length = Math.min(CALL_BYTES_MAX, bytes.length - done);
        const { bytesWritten } = await file.write(bytes, done, length, end);
        done += bytesWritten;
        end += bytesWritten;
      }
    },
    async truncate(lengthBytes) {
      await file.truncate(lengthBytes);
      end = lengthBytes;
    },
    sync: () => file.datasync(),
    close: () => file.close(),
  };
}

// Windows cannot open folders and needs no sync.
async function syncFolder(folder: string): Promise<void> {
  let file: FileHandle;
  try {
    file = await open(folder, 'r');
  } catch (error) {
    if (process.platform === 'win32') return;
    throw error;
  }
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function copyToDisk(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const file = await open(to, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function readUpTo(file: FileHandle, position: number, lengthBytes: number): Promise<Buffer> {
  const bytes = Buffer.from(new ArrayBuffer(lengthBytes));
  let done = 0;
  while (done < lengthBytes) {
    const length = Math.min(CALL_BYTES_MAX, lengthBytes - done);
    const { bytesRead } = await file.read(bytes, done, length, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
