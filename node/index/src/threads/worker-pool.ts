import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { checkInteger } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { IndexMemory } from '../memory/index-memory.ts';
import { compiledKernel } from '../memory/kernel.ts';
import { STOPPED, type ThreadJob, type ThreadReply } from './thread-messages.ts';

/** The worker's entry beside this module: `.ts` in the repository, `.js` once published. */
const workerUrl = new URL(`./graph-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * Worker threads that build and search indexes over shared memory, one job at a time, all workers
 * at each. An idle pool does not keep the process alive. When one worker dies, the pool ends: the
 * job and all later ones are refused as `worker-failed`.
 */
export class WorkerPool implements AsyncDisposable {
  readonly threads: number;
  readonly #workers: Worker[] = [];
  /** The memory that the workers know, with their scratch areas in it. */
  #attached: { readonly memory: IndexMemory; readonly scratches: readonly number[] } | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #waiting: ((reply: ThreadReply | undefined) => void)[] = [];
  #failure: IndexError | undefined;

  /**
   * @throws IndexError `invalid-option`, `limit-exceeded` for a bad number of threads
   */
  constructor({ threads = availableParallelism() }: { readonly threads?: number } = {}) {
    checkInteger('threads', threads, 1, INDEX_LIMITS.threadsMax);
    this.threads = threads;
    for (let i = 0; i < threads; i++) this.#start(i);
  }

  /**
   * Runs a job on all workers after those before it; returns the distances that it computed. An
   * abort lets every worker finish the row or query that it is at.
   *
   * @throws IndexError `worker-failed` when a worker died or the pool was stopped
   */
  run(memory: IndexMemory, job: ThreadJob, signal?: AbortSignal): Promise<number> {
    const run = this.#last.then(() => this.#runNow(memory, job, signal));
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Ends the workers; a running job is refused. */
  async stop(): Promise<void> {
    this.#fail(new IndexError('worker-failed', 'the pool was stopped; make a new one'));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #runNow(memory: IndexMemory, job: ThreadJob, signal?: AbortSignal): Promise<number> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#attach(memory);
    const stop = () => Atomics.store(job.state, STOPPED, 1);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const replies = this.#workers.map((worker, i) => this.#ask(worker, i, job));
      const distances = await Promise.all(replies);
      return distances.reduce((sum, each) => sum + each, 0);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async #ask(worker: Worker, position: number, job: ThreadJob): Promise<number> {
    worker.ref();
    const { promise, resolve } = Promise.withResolvers<ThreadReply | undefined>();
    this.#waiting[position] = resolve;
    worker.postMessage(job);
    const reply = await promise;
    worker.unref();
    if (reply === undefined) throw this.#failure;
    return reply.distances;
  }

  #attach(memory: IndexMemory): void {
    if (this.#attached?.memory === memory) return;
    this.#release();
    const scratches = this.#workers.map(() => memory.addScratch());
    this.#attached = { memory, scratches };
    const module = compiledKernel();
    for (const [i, worker] of this.#workers.entries()) {
      const scratch = scratches[i] ?? 0;
      const { memory: linear, shape } = memory;
      worker.postMessage({ kind: 'attach', module, memory: linear, shape, scratch });
    }
  }

  #release(): void {
    const { memory, scratches = [] } = this.#attached ?? {};
    for (const address of scratches) memory?.releaseScratch(address);
    this.#attached = undefined;
  }

  #start(position: number): void {
    const worker = new Worker(workerUrl);
    worker.unref();
    worker.on('message', (reply: ThreadReply) => this.#waiting[position]?.(reply));
    worker.on('error', (cause) => this.#died('failed', cause));
    worker.on('exit', (code) => this.#died(`exited with ${code}`));
    this.#workers.push(worker);
  }

  #died(how: string, cause?: unknown): void {
    const detail = `a worker thread ${how}; make a new pool`;
    this.#fail(new IndexError('worker-failed', detail, { cause }));
    // Another worker may wait for a lock that this one held.
    for (const worker of this.#workers) void worker.terminate();
  }

  #fail(failure: IndexError): void {
    this.#failure ??= failure;
    for (const resolve of this.#waiting.splice(0)) resolve?.(undefined);
    this.#release();
  }
}
