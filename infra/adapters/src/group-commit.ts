// Group commit: all writes that are issued in one turn of the event loop share one transaction and
// so one flush to the disk. A flush costs milliseconds, a row microseconds.

import type { DatabaseSync } from 'node:sqlite';

/** Writes one transaction holds; more wait for the next. */
const GROUP_WRITES_MAX = 1024;

/**
 * One write inside the shared transaction. It validates first and writes after: what it throws
 * before its first change concerns it alone.
 */
export type GroupWrite<T> = () => T;

/** A refusal that leaves the transaction as it was; the other writes of the group go on. */
export class RefusedWrite extends Error {
  override readonly name = 'RefusedWrite';
}

interface Job {
  readonly write: GroupWrite<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #database: DatabaseSync;
  #jobs: Job[] = [];
  #isScheduled = false;
  /** Transactions that were committed. */
  commits = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Resolves with what `write` returned, once its transaction is on the disk. */
  run<T>(write: GroupWrite<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ write, resolve: resolve as (value: unknown) => void, reject });
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.flush());
    });
  }

  /** Commits what waits, now. */
  flush(): void {
    this.#isScheduled = false;
    while (this.#jobs.length > 0) this.#commit(this.#jobs.splice(0, GROUP_WRITES_MAX));
  }

  #commit(jobs: readonly Job[]): void {
    const settled: Array<() => void> = [];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const job of jobs) settled.push(attempt(job));
      this.#database.exec('COMMIT');
      this.commits++;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const settle of settled) settle();
  }
}

function attempt(job: Job): () => void {
  try {
    const value = job.write();
    return () => job.resolve(value);
  } catch (error) {
    if (!(error instanceof RefusedWrite)) throw error;
    return () => job.reject(error.cause ?? error);
  }
}
