// Group commit: all writes that arrive while the disk is busy share the next write and fsync.

import { IndexError } from '../index-error.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';

/** A write on its way: first its record is durable, then it is applied, then acknowledged. */
export interface PendingWrite {
  readonly record: Buffer;
  /** Throws when the write cannot be taken after those before it. */
  readonly admit?: (earlier: readonly PendingWrite[]) => void;
  /** What the record does to ids, for the writes after it in the same group. */
  readonly effectOn: (id: string) => 'present' | 'absent' | 'unchanged';
  readonly apply: () => Promise<void>;
}

interface QueuedWrite {
  readonly write: PendingWrite;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

type Job = QueuedWrite | (() => Promise<void>);

/**
 * Runs writes and exclusive jobs one after the other, in the order in which they came.
 *
 * Invariant: while a job runs, every record in the log is applied to memory.
 */
export class WriteQueue {
  readonly #commit: (records: readonly Buffer[]) => Promise<void>;
  readonly #jobs: Job[] = [];
  #pendingBytes = 0;
  #isRunning = false;
  #failure: Error | undefined;

  /** @param commit - makes records durable, all or none */
  constructor(commit: (records: readonly Buffer[]) => Promise<void>) {
    this.#commit = commit;
  }

  /** Resolves when the write is durable and applied. */
  write(write: PendingWrite): Promise<void> {
    const { pendingBytesMax } = COLLECTION_LIMITS;
    if (this.#pendingBytes + write.record.length > pendingBytesMax) {
      throw new IndexError(
        'limit-exceeded',
        `${this.#pendingBytes} bytes wait for the disk, ${write.record.length} more violate ` +
          `pendingBytesMax = ${pendingBytesMax}; await earlier writes first`,
      );
    }
    this.#pendingBytes += write.record.length;
    const done = new Promise<void>((resolve, reject) => {
      this.#jobs.push({ write, resolve, reject });
    });
    this.#start();
    return done;
  }

  /** Throws when memory lacks a write that the log holds: then no file may be made of it. */
  checkWhole(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Runs a job while no write is under way. */
  exclusive<T>(job: () => Promise<T>): Promise<T> {
    const done = new Promise<T>((resolve, reject) => {
      this.#jobs.push(() => job().then(resolve, reject));
    });
    this.#start();
    return done;
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // One microtask later, so that writes of the same turn share a group.
    queueMicrotask(() => this.#run());
  }

  async #run(): Promise<void> {
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      if (typeof job === 'function') {
        this.#jobs.shift();
        await job();
      } else {
        await this.#runGroup(this.#takeGroup());
      }
    }
    this.#isRunning = false;
  }

  #takeGroup(): QueuedWrite[] {
    const group: QueuedWrite[] = [];
    let bytes = 0;
    for (const job of this.#jobs) {
      if (typeof job === 'function') break;
      bytes += job.write.record.length;
      if (group.length > 0 && bytes > COLLECTION_LIMITS.groupBytesMax) break;
      group.push(job);
    }
    this.#jobs.splice(0, group.length);
    for (const { write } of group) this.#pendingBytes -= write.record.length;
    return group;
  }

  async #runGroup(group: readonly QueuedWrite[]): Promise<void> {
    const admitted = this.#admitted(group);
    if (admitted.length === 0) return;
    try {
      await this.#commit(admitted.map(({ write }) => write.record));
    } catch (error) {
      for (const { reject } of admitted) reject(error);
      return;
    }
    for (const { write, resolve, reject } of admitted) {
      try {
        this.checkWhole();
        await write.apply();
        resolve();
      } catch (error) {
        this.#failure ??= brokenMemory(error);
        reject(this.#failure);
      }
    }
  }

  #admitted(group: readonly QueuedWrite[]): QueuedWrite[] {
    const admitted: QueuedWrite[] = [];
    const writes: PendingWrite[] = [];
    for (const queued of group) {
      try {
        this.checkWhole();
        queued.write.admit?.(writes);
        admitted.push(queued);
        writes.push(queued.write);
      } catch (error) {
        queued.reject(error);
      }
    }
    return admitted;
  }
}

// The log holds the write, the memory not all of it; opening the folder again brings them together.
function brokenMemory(cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new IndexError(
    'limit-exceeded',
    `a logged write could not be applied (${reason}); close the collection and open it again, ` +
      'with more memory',
    { cause },
  );
}
