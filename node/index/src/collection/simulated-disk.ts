// A file system for tests that forgets what was not forced to disk. It records what a crash could
// leave behind after every call, and it can fail any call. Indexes pass through a scratch folder.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { INDEX_FILE_NAME } from '../file/section-file.ts';
import { openSegmentIndex, type SegmentIndex } from './segment-index.ts';
import type { CollectionStorage, FolderLock, GrowingFile, StoredFile } from './storage.ts';

/** Which of the writes that no sync covered a crash keeps. */
export const CRASH_KINDS = ['all', 'none', 'names', 'half', 'zeros'] as const;

export type CrashKind = (typeof CRASH_KINDS)[number];

/** What a crash after one call could leave behind. */
export interface CrashPoint {
  readonly call: string;
  readonly state: DiskState;
}

interface Inode {
  readonly isFolder: boolean;
  bytes: Buffer;
  synced: Buffer;
}

interface DiskState {
  readonly current: ReadonlyMap<string, Readonly<Inode>>;
  readonly synced: ReadonlyMap<string, Readonly<Inode>>;
}

/** Decides whether the `number`-th call fails, before or after it has its effect. */
export type Fault = (number: number, call: string) => 'before' | 'after' | undefined;

const EMPTY = Buffer.alloc(0);
// Indexes sync their files; in memory that takes no time.
const MEMORY_FOLDER = '/dev/shm';
const SCRATCH_ROOT = existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir();

export class SimulatedDisk implements CollectionStorage {
  /** Called after every call that changes something. */
  onChange: ((point: CrashPoint) => void) | undefined;
  fault: Fault = () => undefined;
  calls = 0;
  readonly #current = new Map<string, Inode>();
  readonly #synced = new Map<string, Inode>();
  readonly #scratch = mkdtempSync(join(SCRATCH_ROOT, 'starling-disk-'));
  #scratchFolders = 0;

  /** The disk as it is found after a crash. */
  static after(point: CrashPoint, kind: CrashKind): SimulatedDisk {
    const disk = new SimulatedDisk();
    const { current, synced } = point.state;
    for (const [path, inode] of kind === 'none' ? reachable(synced) : current) {
      const bytes = survivingBytes(inode, kind);
      const found: Inode = { isFolder: inode.isFolder, bytes, synced: bytes };
      disk.#current.set(path, found);
      disk.#synced.set(path, found);
    }
    return disk;
  }

  [Symbol.dispose](): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }

  /** Every file with its bytes, for tests that look into them or change them. */
  files(): Map<string, Buffer> {
    const files = [...this.#current].filter(([, inode]) => !inode.isFolder);
    return new Map(files.map(([path, { bytes }]) => [path, bytes]));
  }

  setFile(path: string, bytes: Buffer): void {
    this.#current.set(path, { isFolder: false, bytes, synced: bytes });
  }

  async makeFolder(folder: string): Promise<void> {
    await this.#change(`makeFolder ${folder}`, () => {
      const inode: Inode = { isFolder: true, bytes: EMPTY, synced: EMPTY };
      for (const names of [this.#current, this.#synced]) {
        if (!names.has(folder)) names.set(folder, inode);
      }
    });
  }

  async list(folder: string): Promise<readonly string[]> {
    this.#read(`list ${folder}`);
    const paths = [...this.#current.keys()].filter((path) => dirname(path) === folder);
    return paths.map((path) => basename(path)).sort();
  }

  async openToRead(path: string): Promise<StoredFile | undefined> {
    this.#read(`openToRead ${path}`);
    const inode = this.#current.get(path);
    if (inode === undefined || inode.isFolder) return undefined;
    const { bytes } = inode;
    return {
      sizeBytes: bytes.length,
      read: async (position, lengthBytes) => {
        this.#read(`read ${path}`);
        return Buffer.from(bytes.subarray(position, position + lengthBytes));
      },
      close: async () => undefined,
    };
  }

  async openToAppend(path: string, mode: 'create' | 'continue'): Promise<GrowingFile> {
    await this.#change(`openToAppend ${path} ${mode}`, () => {
      const present = this.#current.get(path);
      if (mode === 'continue' && present === undefined) throw new Error(`no file ${path}`);
      if (mode === 'create' && present !== undefined) present.bytes = EMPTY;
      if (present !== undefined) return;
      this.#current.set(path, { isFolder: false, bytes: EMPTY, synced: EMPTY });
    });
    const inode = this.#current.get(path) as Inode;
    return {
      append: (bytes) => this.#append(path, inode, bytes),
      truncate: (lengthBytes) => {
        return this.#change(`truncate ${path}`, () => {
          inode.bytes = inode.bytes.subarray(0, lengthBytes);
        });
      },
      sync: () => {
        return this.#change(`sync ${path}`, () => {
          inode.synced = inode.bytes;
        });
      },
      close: async () => undefined,
    };
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#change(`rename ${from} ${to}`, () => {
      const inode = this.#current.get(from);
      if (inode === undefined) throw new Error(`no file ${from}`);
      this.#current.delete(from);
      this.#current.set(to, inode);
    });
  }

  async remove(path: string): Promise<void> {
    await this.#change(`remove ${path}`, () => {
      for (const name of this.#current.keys()) {
        if (name === path || name.startsWith(`${path}/`)) this.#current.delete(name);
      }
    });
  }

  async syncFolder(folder: string): Promise<void> {
    await this.#change(`syncFolder ${folder}`, () => {
      for (const name of this.#synced.keys()) {
        const isGone = dirname(name) === folder && !this.#current.has(name);
        if (isGone) for (const below of this.#below(name)) this.#synced.delete(below);
      }
      for (const [name, inode] of this.#current) {
        if (dirname(name) === folder) this.#synced.set(name, inode);
      }
    });
  }

  async copyFile(from: string, to: string): Promise<void> {
    const bytes = this.#current.get(from)?.bytes;
    if (bytes === undefined) throw new Error(`no file ${from}`);
    const file = await this.openToAppend(to, 'create');
    await file.append(bytes);
    await file.sync();
  }

  async saveIndex(index: SegmentIndex, folder: string): Promise<void> {
    const scratch = this.#newScratch();
    await index.save(scratch);
    const bytes = await readFile(join(scratch, INDEX_FILE_NAME));
    const path = join(folder, INDEX_FILE_NAME);
    // An index makes its folder, but not its name durable.
    await this.#change(`mkdir ${folder}`, () => {
      this.#current.set(folder, { isFolder: true, bytes: EMPTY, synced: EMPTY });
    });
    const file = await this.openToAppend(`${path}.new`, 'create');
    await file.append(bytes);
    await file.sync();
    await this.rename(`${path}.new`, path);
    await this.syncFolder(folder);
  }

  async openIndex(folder: string): Promise<SegmentIndex> {
    this.#read(`openIndex ${folder}`);
    const bytes = this.#current.get(join(folder, INDEX_FILE_NAME))?.bytes;
    const scratch = this.#newScratch();
    await mkdir(scratch);
    if (bytes !== undefined) await writeFile(join(scratch, INDEX_FILE_NAME), bytes);
    return openSegmentIndex(scratch);
  }

  async lock(): Promise<FolderLock> {
    return { release: async () => undefined };
  }

  #append(path: string, inode: Inode, bytes: Uint8Array): Promise<void> {
    const before = inode.bytes;
    // A write that fails may have written a part.
    const partly = () => {
      inode.bytes = Buffer.concat([before, bytes.subarray(0, bytes.length >> 1)]);
    };
    const whole = () => {
      inode.bytes = Buffer.concat([before, bytes]);
    };
    return this.#change(`append ${path}`, whole, partly);
  }

  async #change(call: string, effect: () => void, partEffect?: () => void): Promise<void> {
    const fault = this.fault(this.calls++, call);
    if (fault === 'before') partEffect?.();
    else effect();
    const current = copyOf(this.#current);
    this.onChange?.({ call, state: { current, synced: copyOf(this.#synced) } });
    if (fault !== undefined) throw diskFull(call);
  }

  #read(call: string): void {
    if (this.fault(this.calls++, call) !== undefined) throw diskFull(call);
  }

  #below(path: string): string[] {
    const names = [...this.#synced.keys()];
    return names.filter((name) => name === path || name.startsWith(`${path}/`));
  }

  #newScratch(): string {
    return join(this.#scratch, String(this.#scratchFolders++));
  }
}

function copyOf(names: ReadonlyMap<string, Inode>): Map<string, Inode> {
  return new Map([...names].map(([path, inode]) => [path, { ...inode }]));
}

/** A name is on disk when those of all folders above it are. */
function reachable(names: ReadonlyMap<string, Readonly<Inode>>): [string, Readonly<Inode>][] {
  return [...names].filter(([path]) => {
    for (let above = dirname(path); above !== '/'; above = dirname(above)) {
      if (!names.has(above)) return false;
    }
    return true;
  });
}

function survivingBytes(inode: Inode, kind: CrashKind): Buffer {
  const { bytes, synced } = inode;
  if (kind === 'all') return bytes;
  if (kind === 'none' || kind === 'names' || bytes.length <= synced.length) return synced;
  const extra = bytes.subarray(synced.length);
  const kept = kind === 'zeros' ? Buffer.alloc(extra.length) : extra.subarray(0, extra.length >> 1);
  return Buffer.concat([synced, kept]);
}

function diskFull(call: string): Error {
  return Object.assign(new Error(`ENOSPC: no space left on device, ${call}`), { code: 'ENOSPC' });
}
