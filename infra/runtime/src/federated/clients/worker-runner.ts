// Performs tasks in worker threads that each load the client app once. A thread that dies takes the
// task with it that it was at; the tasks behind that one are performed by its successor.

import { AppError, type AppErrorCode, type AppMessageKind } from '@starling/shared';
import type { ClientRunner } from './client-runner.ts';
import type { ClientOutcome, ClientTask } from './client-task.ts';
import { ClientThread, type ThreadOptions } from './client-thread.ts';

/** Tasks in a thread at once, so that none waits for the next. */
const TASKS_PER_THREAD = 3;
/** Deaths of threads in one run; more, and the app is at fault. */
export const THREAD_DEATHS_MAX = 100;
export const WORKERS_MAX = 256;

/**
 * Starts the threads and waits until each has loaded the app. When the signal fires, tasks hear it at
 * once, and what does not obey ends with its thread.
 *
 * @throws AppError `invalid-app`, `no-client`, naming file and line where it can
 */
export async function workerRunner(
  workers: number,
  options: ThreadOptions,
  signal = new AbortController().signal,
): Promise<ClientRunner> {
  if (!Number.isInteger(workers) || workers < 1 || workers > WORKERS_MAX) {
    throw new AppError(
      'invalid-options',
      `workers is ${workers}: a whole number 1 … ${WORKERS_MAX}`,
    );
  }
  const pool = new ThreadPool(options);
  const onAbort = () => void pool.stop();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const kinds = await Promise.all(Array.from({ length: workers }, () => pool.add()));
    return {
      kinds: kinds[0] ?? [],
      concurrency: workers * TASKS_PER_THREAD,
      run: (task) => pool.run(task),
      stop: async () => {
        signal.removeEventListener('abort', onAbort);
        await pool.stop();
      },
    };
  } catch (error) {
    await pool.stop();
    if (signal.aborted) throw new AppError('aborted', 'the run was stopped', { cause: error });
    throw error;
  }
}

interface Waiting {
  readonly task: ClientTask;
  readonly resolve: (outcome: ClientOutcome) => void;
  readonly reject: (error: unknown) => void;
}

class ThreadPool {
  readonly #options: ThreadOptions;
  readonly #threads = new Map<ClientThread, Waiting[]>();
  #deaths = 0;
  #isStopped = false;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  async add(): Promise<readonly AppMessageKind[]> {
    const thread = new ClientThread(this.#options, {
      onDone: (outcome) => this.#done(thread, outcome),
      onDeath: (reason) => this.#died(thread, reason),
    });
    this.#threads.set(thread, []);
    return thread.ready;
  }

  run(task: ClientTask): Promise<ClientOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<ClientOutcome>();
    this.#give({ task, resolve, reject });
    return promise;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#threads.keys()].map((thread) => thread.stop()));
  }

  #give(waiting: Waiting): void {
    if (this.#isStopped) {
      waiting.resolve({ ok: false, reason: 'aborted' });
      return;
    }
    const all = [...this.#threads].sort(([, a], [, b]) => a.length - b.length);
    const [thread, queue] = all[0] ?? [];
    if (thread === undefined || queue === undefined) {
      waiting.reject(new AppError('invalid-app', 'no worker thread is left'));
      return;
    }
    queue.push(waiting);
    thread.send(waiting.task);
  }

  #done(thread: ClientThread, outcome: ClientOutcome): void {
    this.#threads.get(thread)?.shift()?.resolve(outcome);
  }

  #died(thread: ClientThread, reason: string): void {
    const [current, ...behind] = this.#threads.get(thread) ?? [];
    this.#threads.delete(thread);
    if (this.#isStopped) {
      for (const one of [current, ...behind]) one?.resolve({ ok: false, reason: 'aborted' });
      return;
    }
    this.#deaths += 1;
    current?.resolve({ ok: false, reason: `worker-died: ${reason}` });
    if (this.#deaths > THREAD_DEATHS_MAX) {
      const code: AppErrorCode = 'invalid-app';
      const message = `more than ${THREAD_DEATHS_MAX} worker threads died, the last one of: ${reason}`;
      for (const one of behind) one.reject(new AppError(code, message));
      return;
    }
    this.add().catch(() => {});
    for (const one of behind) this.#give(one);
  }
}
