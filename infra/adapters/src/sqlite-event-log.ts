// EventLog in one SQLite file. Appends of one event-loop turn share a transaction; rows are chained
// by hashes and checked again whenever they are read.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type EventLog, EventLogError, type NewEvent, type StoredEvent } from '@starling/shared';
import { copied } from './copied.ts';
import { chainLink, FIRST_LINK } from './event-chain.ts';
import { assertAppend } from './event-limits.ts';
import { GroupCommit, RefusedWrite } from './group-commit.ts';
import { isCorruption, openSqliteFile } from './sqlite-file.ts';

/** Rows fetched at a time while reading. */
const READ_ROWS = 128;

const SCHEMA = `CREATE TABLE IF NOT EXISTS event (
  seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, type TEXT NOT NULL,
  payload BLOB NOT NULL, link BLOB NOT NULL) STRICT`;

interface Row extends StoredEvent {
  readonly link: Uint8Array;
}

/**
 * Opens or creates the log at `path`; this process owns it until `stop`.
 * @throws {EventLogError} `storage` when another process owns it, `corrupt` when it is damaged.
 */
export function openSqliteEventLog(path: string): SqliteEventLog {
  return guarded(() => new SqliteEventLog(openSqliteFile(path, SCHEMA)));
}

/** Made by {@link openSqliteEventLog}. */
export class SqliteEventLog implements EventLog {
  readonly #database: DatabaseSync;
  readonly #group: GroupCommit;
  readonly #insert: StatementSync;
  readonly #select: StatementSync;
  #head = 0;
  #link = FIRST_LINK;
  #isStopped = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#group = new GroupCommit(database);
    this.#insert = database.prepare(
      'INSERT INTO event (seq, at_ms, type, payload, link) VALUES (?, ?, ?, ?, ?)',
    );
    this.#select = database.prepare(
      `SELECT seq, at_ms, type, payload, link FROM event
       WHERE seq >= ? ORDER BY seq LIMIT ${READ_ROWS}`,
    );
    this.#followDisk();
    if (this.#head > 0) this.#page(this.#head, this.#linkBefore(this.#head));
  }

  async head(): Promise<number> {
    this.#assertRunning();
    return this.#head;
  }

  /** Transactions so far: fewer than appends when these came together. */
  get commits(): number {
    return this.#group.commits;
  }

  async append(events: readonly NewEvent[], expectedHead: number): Promise<number> {
    this.#assertRunning();
    assertAppend(events);
    // Copies: the caller's bytes may change before the group is written.
    const copies = events.map((event) => ({ ...event, payload: copied(event.payload) }));
    try {
      return await this.#group.run(() => this.#write(copies, expectedHead));
    } catch (cause) {
      if (cause instanceof EventLogError) throw cause;
      guarded(() => this.#followDisk());
      throw asLogError(cause);
    }
  }

  async *read(from: number): AsyncIterable<StoredEvent> {
    this.#assertRunning();
    let next = Math.max(1, from);
    let previous = guarded(() => this.#linkBefore(next));
    while (next <= this.#head) {
      this.#assertRunning();
      const at = next;
      const link = previous;
      const rows = guarded(() => this.#page(at, link));
      for (const { seq, atMs, type, payload } of rows) yield { seq, atMs, type, payload };
      const last = rows.at(-1);
      if (last === undefined) return;
      next = last.seq + 1;
      previous = last.link;
    }
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#group.flush();
    this.#isStopped = true;
    this.#database.close();
  }

  /** Runs inside the shared transaction. */
  #write(events: readonly NewEvent[], expectedHead: number): number {
    if (expectedHead !== this.#head) {
      const message = `the head is ${this.#head}, the append expected ${expectedHead}`;
      throw new RefusedWrite('conflict', { cause: new EventLogError('conflict', message) });
    }
    for (const event of events) {
      const seq = this.#head + 1;
      const link = chainLink(this.#link, seq, event);
      this.#insert.run(seq, event.atMs, event.type, event.payload, link);
      this.#head = seq;
      this.#link = link;
    }
    return this.#head;
  }

  /** Reads the head again, after a rollback took back what memory had counted. */
  #followDisk(): void {
    const last = this.#database.prepare('SELECT max(seq) AS seq FROM event').get()?.['seq'];
    this.#head = typeof last === 'number' ? last : 0;
    this.#link = this.#linkBefore(this.#head + 1);
  }

  /** Up to READ_ROWS verified events from `from` on, whose first is chained to `previous`. */
  #page(from: number, previous: Uint8Array): Row[] {
    const rows = this.#select.all(from).map(rowOf);
    let link = previous;
    let seq = from;
    for (const row of rows) {
      link = chainLink(link, seq, row);
      if (row.seq !== seq || Buffer.compare(link, row.link) !== 0) {
        throw new EventLogError('corrupt', `event ${seq} is damaged: restore the log from a copy`);
      }
      seq++;
    }
    if (rows.length === 0 && from <= this.#head) {
      throw new EventLogError('corrupt', `event ${from} is missing: restore the log from a copy`);
    }
    return rows;
  }

  #linkBefore(seq: number): Uint8Array {
    if (seq <= 1) return FIRST_LINK;
    const row = this.#database.prepare('SELECT link FROM event WHERE seq = ?').get(seq - 1);
    const link = row?.['link'];
    if (link instanceof Uint8Array) return link;
    throw new EventLogError('corrupt', `event ${seq - 1} is missing`);
  }

  #assertRunning(): void {
    if (this.#isStopped) throw new EventLogError('stopped', 'the event log was stopped');
  }
}

function rowOf(row: Record<string, unknown>): Row {
  const { seq, at_ms: atMs, type, payload, link } = row;
  if (
    typeof seq === 'number' &&
    typeof atMs === 'number' &&
    typeof type === 'string' &&
    payload instanceof Uint8Array &&
    link instanceof Uint8Array
  ) {
    return { seq, atMs, type, payload, link };
  }
  throw new EventLogError('corrupt', 'a row has columns of another type');
}

function guarded<T>(action: () => T): T {
  try {
    return action();
  } catch (cause) {
    throw asLogError(cause);
  }
}

function asLogError(cause: unknown): EventLogError {
  if (cause instanceof EventLogError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new EventLogError(isCorruption(cause) ? 'corrupt' : 'storage', message, { cause });
}
