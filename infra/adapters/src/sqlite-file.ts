// One SQLite file for one process: WAL, every commit flushed, and a lock that dies with its owner.

import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Thrown by {@link openSqliteFile} when another connection holds the file. */
export class FileInUseError extends Error {
  override readonly name = 'FileInUseError';
}

/** SQLite's primary result codes that this room tells apart. */
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/**
 * Opens or creates a database that this connection alone may use until it is closed.
 * @throws {FileInUseError} when another process, or this one, has it open already.
 */
export function openSqliteFile(path: string, schema: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // EXCLUSIVE before the first access: the lock is taken with it and kept until close or death.
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA cell_size_check = ON');
    database.exec(`BEGIN IMMEDIATE; ${schema}; COMMIT`);
    flushFolder(dirname(path));
    return database;
  } catch (cause) {
    database.close();
    if (isBusy(cause)) {
      throw new FileInUseError(`${path} is in use by another process: stop that one first`, {
        cause,
      });
    }
    throw cause;
  }
}

/** True for errors that say the file's content is damaged. */
export function isCorruption(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** Makes the names in a folder as durable as the files they point to. */
export function flushFolder(path: string): void {
  flushFile(path);
}

/** Makes what was written by another handle durable. */
export function flushFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
