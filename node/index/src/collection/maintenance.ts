import { writeCheckpoint } from './checkpoint.ts';
import type { CollectionCore } from './collection-core.ts';

/**
 * Checkpoints, compactions and snapshots: one at a time, beside reads and writes. A checkpoint begins
 * by itself when the log is long enough.
 */
export class Maintenance {
  readonly #core: CollectionCore;
  readonly #afterCheckpoint: () => Promise<void>;
  #last: Promise<unknown> = Promise.resolve();
  #isCheckpointing = false;
  /** Log size at which the next checkpoint begins by itself. */
  #dueBytes: number;
  #failure: Error | undefined;

  /** @param afterCheckpoint - runs after every checkpoint that began by itself; must not fail */
  constructor(core: CollectionCore, afterCheckpoint: () => Promise<void>) {
    this.#core = core;
    this.#afterCheckpoint = afterCheckpoint;
    this.#dueBytes = core.options.checkpointLogBytes;
  }

  /** Why the last checkpoint that began by itself failed; it is tried again when the log grew. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Runs a job after all earlier ones. */
  run<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#last.then(job);
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Begins a checkpoint when the log is due for one and none is under way. */
  checkpointWhenDue(): void {
    const { log, options } = this.#core;
    if (options.checkpointLogBytes === 0 || this.#isCheckpointing) return;
    if (log.lengthBytes < this.#dueBytes) return;
    this.#isCheckpointing = true;
    void this.run(() => this.#checkpoint());
  }

  /** Waits for the jobs under way and those that follow from them. */
  async stop(): Promise<void> {
    for (let last: unknown; last !== this.#last; ) {
      last = this.#last;
      await last;
    }
  }

  async #checkpoint(): Promise<void> {
    const { log, options, segments } = this.#core;
    try {
      await writeCheckpoint(this.#core);
      await this.#afterCheckpoint();
      this.#failure = undefined;
      const grown = segments.segments.at(-1)?.size ?? 0;
      const bytes = grown * options.dimension * (options.vectorType === 'u8' ? 1 : 4);
      this.#dueBytes = Math.max(options.checkpointLogBytes, bytes / 2);
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#dueBytes = log.lengthBytes + options.checkpointLogBytes;
    } finally {
      this.#isCheckpointing = false;
    }
    // The log may have grown past the limit again meanwhile.
    this.checkpointWhenDue();
  }
}
