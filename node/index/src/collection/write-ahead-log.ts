import { join } from 'node:path';
import { allocateFrame, FRAME_KINDS, sealFrame } from './frame.ts';
import { encodeLogHead, LOG_HEAD_BYTES, logName } from './log-file.ts';
import type { CollectionStorage, GrowingFile } from './storage.ts';
import { onDisk } from './storage-error.ts';

/** Where writing goes on in the newest log file. */
export interface LogPosition {
  readonly number: number;
  readonly seed: number;
  readonly lengthBytes: number;
  /** The last sequence number in it, or before it when it is empty. */
  readonly sequence: number;
}

/**
 * The newest log file of a collection, open for appending. After every fsync it writes a mark, so
 * that damage to an acknowledged record can be told from a record that a crash cut.
 *
 * Invariant: `#lengthBytes` ends the last accepted record or mark; bytes after it belong to a write
 * that failed and are cut before the next one.
 */
export class WriteAheadLog {
  readonly #storage: CollectionStorage;
  readonly #folder: string;
  #file: GrowingFile;
  #number: number;
  #seed: number;
  #sequence: number;
  #lengthBytes: number;
  #durableBytes: number;
  #hasUnsynced = false;
  #hasCleanEnd = true;

  private constructor(
    storage: CollectionStorage,
    folder: string,
    file: GrowingFile,
    position: LogPosition,
  ) {
    this.#storage = storage;
    this.#folder = folder;
    this.#file = file;
    this.#number = position.number;
    this.#seed = position.seed;
    this.#sequence = position.sequence;
    this.#lengthBytes = position.lengthBytes;
    this.#durableBytes = position.lengthBytes;
  }

  /** Begins a log file, on disk when it resolves. */
  static async create(
    storage: CollectionStorage,
    folder: string,
    number: number,
    afterSequence: number,
  ): Promise<WriteAheadLog> {
    const { file, seed } = await createFile(storage, folder, number, afterSequence);
    const lengthBytes = LOG_HEAD_BYTES;
    return new WriteAheadLog(storage, folder, file, {
      number,
      seed,
      lengthBytes,
      sequence: afterSequence,
    });
  }

  /** Goes on after the last whole record of a file; what a crash left after it is cut. */
  static async resume(
    storage: CollectionStorage,
    folder: string,
    position: LogPosition,
  ): Promise<WriteAheadLog> {
    const path = join(folder, logName(position.number));
    return onDisk(`open ${path} for writing`, async () => {
      const file = await storage.openToAppend(path, 'continue');
      try {
        await file.truncate(position.lengthBytes);
        await file.sync();
      } catch (cause) {
        await file.close();
        throw cause;
      }
      return new WriteAheadLog(storage, folder, file, position);
    });
  }

  get number(): number {
    return this.#number;
  }

  /** The number of the last accepted record. */
  get sequence(): number {
    return this.#sequence;
  }

  get lengthBytes(): number {
    return this.#lengthBytes;
  }

  get path(): string {
    return join(this.#folder, logName(this.#number));
  }

  /**
   * Appends records in one write and, for `sync`, forces them to disk. All are accepted, or none.
   *
   * @throws IndexError `storage-failed`
   */
  async append(records: readonly Buffer[], durability: 'sync' | 'buffered'): Promise<void> {
    await this.#cutTail();
    const [durableBytes, seed] = [this.#durableBytes, this.#seed];
    for (const [i, record] of records.entries()) {
      sealFrame(record, { sequence: this.#sequence + 1 + i, durableBytes, seed });
    }
    const length = records.reduce((sum, record) => sum + record.length, this.#lengthBytes);
    this.#hasCleanEnd = false;
    try {
      await onDisk(`write to ${this.path}`, async () => {
        await this.#file.append(records.length === 1 ? (records[0] as Buffer) : joined(records));
        if (durability === 'sync') await this.#file.sync();
      });
    } catch (error) {
      await this.#cutTail().catch(() => undefined);
      throw error;
    }
    this.#hasCleanEnd = true;
    this.#sequence += records.length;
    this.#lengthBytes = length;
    if (durability === 'sync') await this.#mark();
    else this.#hasUnsynced = true;
  }

  /** Forces what was accepted to disk. */
  async sync(): Promise<void> {
    await this.#cutTail();
    if (!this.#hasUnsynced) return;
    await onDisk(`write to ${this.path}`, () => this.#file.sync());
    await this.#mark();
  }

  /** Begins the next file; when that fails, the log goes on in the old one. */
  async rotate(): Promise<void> {
    await this.sync();
    const number = this.#number + 1;
    const next = await createFile(this.#storage, this.#folder, number, this.#sequence);
    await this.#file.close().catch(() => undefined);
    this.#file = next.file;
    this.#seed = next.seed;
    this.#number = number;
    this.#lengthBytes = LOG_HEAD_BYTES;
    this.#durableBytes = LOG_HEAD_BYTES;
  }

  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      await this.#file.close();
    }
  }

  // A lost mark loses nothing: the records before it are on disk.
  async #mark(): Promise<void> {
    const durableBytes = this.#lengthBytes;
    this.#durableBytes = durableBytes;
    this.#hasUnsynced = false;
    const mark = allocateFrame(FRAME_KINDS.mark, 0);
    sealFrame(mark, { sequence: this.#sequence, durableBytes, seed: this.#seed });
    this.#hasCleanEnd = false;
    try {
      await this.#file.append(mark);
    } catch {
      return;
    }
    this.#hasCleanEnd = true;
    this.#lengthBytes += mark.length;
  }

  async #cutTail(): Promise<void> {
    if (this.#hasCleanEnd) return;
    await onDisk(`cut a failed write off ${this.path}`, async () => {
      await this.#file.truncate(this.#lengthBytes);
      await this.#file.sync();
    });
    this.#hasCleanEnd = true;
  }
}

async function createFile(
  storage: CollectionStorage,
  folder: string,
  number: number,
  afterSequence: number,
): Promise<{ readonly file: GrowingFile; readonly seed: number }> {
  const path = join(folder, logName(number));
  return onDisk(`begin ${path}`, async () => {
    const { bytes, seed } = encodeLogHead(number, afterSequence);
    const file = await storage.openToAppend(path, 'create');
    try {
      await file.append(bytes);
      await file.sync();
      await storage.syncFolder(folder);
      return { file, seed };
    } catch (cause) {
      await file.close().catch(() => undefined);
      await storage.remove(path).catch(() => undefined);
      throw cause;
    }
  });
}

function joined(records: readonly Buffer[]): Buffer {
  return Buffer.concat(records);
}
