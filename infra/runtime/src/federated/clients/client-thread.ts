// One worker thread that performs tasks in the order in which they are sent.

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { AppError, type AppErrorCode, type AppMessageKind } from '@starling/shared';
import type { ClientOutcome, ClientTask } from './client-task.ts';
import { SentArrays } from './sent-arrays.ts';
import type { FromWorker, ToWorker, WorkerStart } from './worker-messages.ts';

export interface ThreadOptions extends WorkerStart {
  /** Told what the app prints. */
  readonly onOutput?: (text: string) => void;
}

export interface ThreadEvents {
  onDone(outcome: ClientOutcome): void;
  onDeath(reason: string): void;
}

/** How long a stopped thread may take to end its task before it is ended. */
const STOP_GRACE_MS = 15_000;

/** The entry beside this module: `.ts` in the repository, `.js` once emitted. */
const ENTRY = new URL(`./client-worker${extname(import.meta.url)}`, import.meta.url);

export class ClientThread {
  /** What the app answers, once it is loaded. */
  readonly ready: Promise<readonly AppMessageKind[]>;
  readonly #worker: Worker;
  readonly #sent = new SentArrays();
  readonly #ended = Promise.withResolvers<void>();
  #death = 'it ended of itself';
  #stopping: Promise<void> | undefined;
  #nextId = 0;

  constructor(options: ThreadOptions, events: ThreadEvents) {
    const { onOutput, ...start } = options;
    const loaded = Promise.withResolvers<readonly AppMessageKind[]>();
    this.ready = loaded.promise;
    this.ready.catch(() => {});
    const worker = new Worker(ENTRY, { workerData: start, stdout: true, stderr: true });
    this.#worker = worker;
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
    }
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'done') return events.onDone(message.outcome);
      if (message.kind === 'ready') return loaded.resolve(message.kinds);
      loaded.reject(new AppError(message.code as AppErrorCode, message.message));
    });
    worker.on('error', (error: unknown) => {
      this.#death = error instanceof Error ? error.message : String(error);
    });
    worker.on('exit', () => {
      loaded.reject(new AppError('invalid-app', `the client app ended its thread: ${this.#death}`));
      this.#ended.resolve();
      events.onDeath(this.#death);
    });
  }

  send({ message, nodeConfig, seed, state }: ClientTask): void {
    const { content, ...rest } = message;
    const { arrays, fresh, forgotten } = this.#sent.ship(content.arrays, message.round);
    const { config, metrics } = content;
    const task = { message: rest, arrays, metrics, config, nodeConfig, state, seed };
    this.#post({ kind: 'task', id: this.#nextId++, task, fresh, forgotten });
  }

  /** Aborts its tasks, and waits until it has ended. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#post({ kind: 'stop' });
    const timer = setTimeout(() => this.#worker.terminate(), STOP_GRACE_MS);
    await this.#ended.promise;
    clearTimeout(timer);
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
