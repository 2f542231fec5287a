// PeerStore in one SQLite file of the site's folder. Its lock is the folder's: a second process on
// the same folder is refused.

import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import {
  PEER_TABLES,
  type PeerRecord,
  type PeerStore,
  PeerStoreError,
  type PeerTable,
  type PeerWrite,
} from '@starling/shared';
import { copied } from './copied.ts';
import { GroupCommit, RefusedWrite } from './group-commit.ts';
import { assertWrites } from './record-limits.ts';
import { FileInUseError, flushFile, isCorruption, openSqliteFile } from './sqlite-file.ts';

/** The store's file in a site's folder. */
export const PEER_STORE_FILE = 'peer.sqlite';
/** Records fetched at a time while iterating. */
const ENTRIES_PAGE = 32;

// The primary key's BINARY collation compares UTF-8 bytes.
const SCHEMA = `CREATE TABLE IF NOT EXISTS record (
  tbl INTEGER NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, crc INTEGER NOT NULL,
  PRIMARY KEY (tbl, key)) STRICT`;

/**
 * Opens or creates a store in a folder; this process owns it until `stop`.
 * @throws {PeerStoreError} `in-use` when another process owns it, `corrupt` or `storage`
 */
export function openSqlitePeerStore(folder: string, file = PEER_STORE_FILE): SqlitePeerStore {
  return guarded(() => new SqlitePeerStore(openSqliteFile(join(folder, file), SCHEMA)));
}

/** Made by {@link openSqlitePeerStore}. */
export class SqlitePeerStore implements PeerStore {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #count: StatementSync;
  readonly #page: StatementSync;
  #isStopped = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#group = new GroupCommit(database);
    this.#get = database.prepare('SELECT value, crc FROM record WHERE tbl = ? AND key = ?');
    this.#put = database.prepare('REPLACE INTO record (tbl, key, value, crc) VALUES (?, ?, ?, ?)');
    this.#delete = database.prepare('DELETE FROM record WHERE tbl = ? AND key = ?');
    this.#count = database.prepare('SELECT count(*) AS records FROM record WHERE tbl = ?');
    this.#page = database.prepare(
      `SELECT key, value, crc FROM record
       WHERE tbl = ? AND key > ? ORDER BY key LIMIT ${ENTRIES_PAGE}`,
    );
  }

  /** Transactions so far: fewer than writes when these came together. */
  get commits(): number {
    return this.#group.commits;
  }

  async get(table: PeerTable, key: string): Promise<Uint8Array | undefined> {
    this.#assertRunning();
    return guarded(() => this.#read(table, key));
  }

  async *entries(table: PeerTable): AsyncIterable<PeerRecord> {
    let after = '';
    while (true) {
      this.#assertRunning();
      const from = after;
      const records = guarded(() =>
        this.#page.all(numberOf(table), from).map((row) => {
          const key = String(row['key']);
          return { key, value: checkedValue(table, key, row) };
        }),
      );
      yield* records;
      const last = records.at(-1);
      if (last === undefined || records.length < ENTRIES_PAGE) return;
      after = last.key;
    }
  }

  async count(table: PeerTable): Promise<number> {
    this.#assertRunning();
    return guarded(() => Number(this.#count.get(numberOf(table))?.['records'] ?? 0));
  }

  async write(writes: readonly PeerWrite[]): Promise<void> {
    this.#assertRunning();
    assertWrites(writes);
    if (writes.length === 0) return;
    // Copies: the caller's bytes may change before the group is written.
    const copies = writes.map((write) => ({ ...write, value: copied(write.value) }));
    await this.#commit(() => {
      for (const { table, key, value } of copies) {
        if (value === undefined) this.#delete.run(numberOf(table), key);
        else this.#insert(table, key, value);
      }
    });
  }

  async putIfAbsent(table: PeerTable, key: string, value: Uint8Array): Promise<Uint8Array> {
    this.#assertRunning();
    assertWrites([{ table, key, value }]);
    const copy = copied(value);
    return this.#commit(() => {
      const standing = this.#standing(table, key);
      if (standing !== undefined) return standing;
      this.#insert(table, key, copy);
      return copy;
    });
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#group.flush();
    this.#isStopped = true;
    this.#database.close();
  }

  /** Inside a group, damage of one record concerns its own write only. */
  #standing(table: PeerTable, key: string): Uint8Array | undefined {
    try {
      return this.#read(table, key);
    } catch (cause) {
      throw cause instanceof PeerStoreError ? new RefusedWrite('damaged', { cause }) : cause;
    }
  }

  #insert(table: PeerTable, key: string, value: Uint8Array): void {
    this.#put.run(numberOf(table), key, value, checksum(table, key, value));
  }

  #read(table: PeerTable, key: string): Uint8Array | undefined {
    const row = this.#get.get(numberOf(table), key);
    return row === undefined ? undefined : checkedValue(table, key, row);
  }

  async #commit<T>(write: () => T): Promise<T> {
    try {
      return await this.#group.run(write);
    } catch (cause) {
      throw asStoreError(cause);
    }
  }

  /**
   * Writes all that is committed into a new file, which another store may open; nothing else happens
   * meanwhile.
   * @throws {PeerStoreError} `storage` when the file exists or the disk is full
   */
  copyTo(path: string): void {
    this.#assertRunning();
    this.#group.flush();
    guarded(() => {
      this.#database.prepare('VACUUM INTO ?').run(path);
      flushFile(path);
    });
  }

  #assertRunning(): void {
    if (this.#isStopped) throw new PeerStoreError('stopped', 'the peer store was stopped');
  }
}

/** Stored as a number: the order of PEER_TABLES is part of the file's format. */
function numberOf(table: PeerTable): number {
  return PEER_TABLES.indexOf(table);
}

function checksum(table: PeerTable, key: string, value: Uint8Array): number {
  return crc32(value, crc32(`${table}/${key}`));
}

function checkedValue(table: PeerTable, key: string, row: Record<string, unknown>): Uint8Array {
  const value = row['value'];
  if (value instanceof Uint8Array && row['crc'] === checksum(table, key, value)) return value;
  throw new PeerStoreError('corrupt', `${table} "${key}" is damaged: restore it from a copy`);
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw asStoreError(cause);
  }
}

function asStoreError(cause: unknown): PeerStoreError {
  if (cause instanceof PeerStoreError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof FileInUseError) return new PeerStoreError('in-use', message, { cause });
  return new PeerStoreError(isCorruption(cause) ? 'corrupt' : 'storage', message, { cause });
}
