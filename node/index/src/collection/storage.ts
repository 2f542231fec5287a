// The need of a collection for a file system: `node-storage.ts` is the real one, tests cut one off
// at every call. A promise that resolves from `sync` or `syncFolder` means: on disk.

import type { SegmentIndex } from './segment-index.ts';

export interface CollectionStorage {
  /** Makes a folder and its parents, on disk when it resolves; an existing one is fine. */
  makeFolder(folder: string): Promise<void>;
  /** Names in a folder, sorted; none when the folder is missing. */
  list(folder: string): Promise<readonly string[]>;
  /** `undefined` when there is no such file. */
  openToRead(path: string): Promise<StoredFile | undefined>;
  /** Opens a file for appending; `create` makes it empty, else it must exist. */
  openToAppend(path: string, mode: 'create' | 'continue'): Promise<GrowingFile>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a folder with all that is in it; a missing one is fine. */
  remove(path: string): Promise<void>;
  /** Forces the names in a folder to disk. */
  syncFolder(folder: string): Promise<void>;
  /** Copies a file and forces its bytes to disk. */
  copyFile(from: string, to: string): Promise<void>;
  /** Saves the index as it is at the moment of the call, on disk when it resolves. */
  saveIndex(index: SegmentIndex, folder: string, signal?: AbortSignal): Promise<void>;
  openIndex(folder: string, signal?: AbortSignal): Promise<SegmentIndex>;
  /** @throws IndexError `collection-locked` */
  lock(folder: string): Promise<FolderLock>;
}

export interface FolderLock {
  release(): Promise<void>;
}

export interface StoredFile {
  readonly sizeBytes: number;
  /** Bytes from `position` on, fewer than asked for only at the end of the file. */
  read(position: number, lengthBytes: number): Promise<Buffer>;
  close(): Promise<void>;
}

export interface GrowingFile {
  /** Writes at the end. After a failure the end is unknown until `truncate` resolves. */
  append(bytes: Uint8Array): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}
