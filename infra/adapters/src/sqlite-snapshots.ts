// SnapshotStore in a SQLite file of its own, beside the log: it can be deleted at any time.

import { rmSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import {
  EventLogError,
  SNAPSHOTS_KEPT,
  type SnapshotStore,
  type StoredSnapshot,
} from '@starling/shared';
import { assertSnapshot } from './event-limits.ts';
import { isCorruption, openSqliteFile } from './sqlite-file.ts';

const SCHEMA =
  'CREATE TABLE IF NOT EXISTS snapshot (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT';

/**
 * Opens or creates the store at `path`; this process owns it until `stop`. A file that is no database
 * any more is replaced by an empty one: the log has everything.
 * @throws {EventLogError} `storage` when another process owns it
 */
export function openSqliteSnapshots(path: string): SnapshotStore {
  return guarded(() => {
    try {
      return new SqliteSnapshots(openSqliteFile(path, SCHEMA));
    } catch (error) {
      if (!isCorruption(error)) throw error;
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
      return new SqliteSnapshots(openSqliteFile(path, SCHEMA));
    }
  });
}

class SqliteSnapshots implements SnapshotStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  async list(): Promise<readonly number[]> {
    const rows = guarded(() =>
      this.#database.prepare('SELECT seq FROM snapshot ORDER BY seq DESC').all(),
    );
    return rows.map(({ seq }) => Number(seq));
  }

  async read(seq: number): Promise<Uint8Array | undefined> {
    const row = guarded(() =>
      this.#database.prepare('SELECT bytes FROM snapshot WHERE seq = ?').get(seq),
    );
    const bytes = row?.['bytes'];
    return bytes instanceof Uint8Array ? bytes : undefined;
  }

  async keep({ bytes, seq }: StoredSnapshot): Promise<void> {
    assertSnapshot(bytes);
    guarded(() => this.#write(seq, bytes));
  }

  async stop(): Promise<void> {
    if (this.#database.isOpen) this.#database.close();
  }

  #write(seq: number, bytes: Uint8Array): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      this.#database.prepare('INSERT OR REPLACE INTO snapshot VALUES (?, ?)').run(seq, bytes);
      this.#database
        .prepare(
          `DELETE FROM snapshot WHERE seq NOT IN
           (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT ${SNAPSHOTS_KEPT})`,
        )
        .run();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (cause instanceof EventLogError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new EventLogError(isCorruption(cause) ? 'corrupt' : 'storage', message, { cause });
  }
}
