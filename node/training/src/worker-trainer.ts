// The plain trainer in a worker thread, so that a peer's event loop keeps answering while it trains.
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EncoderShape } from './encoder.ts';
import {
  DEFAULT_ENCODER_ENGINE,
  type EncoderTrainer,
  type FitOptions,
  type FitResult,
  type FitTask,
} from './trainer.ts';
import { type EngineDescription, encoderEngine, type WorkerEngine } from './training-engine.ts';
import { TrainingError } from './training-error.ts';
import type { WorkerReply, WorkerRequest } from './worker-messages.ts';

/** Fits that may wait in one worker; more is a broken caller. */
export const FITS_WAITING_MAX = 16;

/** The worker's entry beside this module: `.ts` in the repository, `.js` once published. */
const workerUrl = new URL(`./training-worker${extname(import.meta.url)}`, import.meta.url);

/**
 * An EncoderTrainer whose fits run one after another in a worker thread, with the same result bit for bit
 * as `createSparseTrainer`. The worker starts at the first fit; after its death the next fit starts
 * a new one. An abort rejects at once; the worker gives up at its next step.
 */
export function createWorkerTrainer(
  engine: WorkerEngine = DEFAULT_ENCODER_ENGINE,
  entry: URL = workerUrl,
): EncoderTrainer {
  return new WorkerTrainer(engine, entry);
}

interface PendingFit {
  readonly resolve: (result: FitResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress: FitOptions['onProgress'];
}

class WorkerTrainer implements EncoderTrainer {
  readonly #engine: WorkerEngine;
  readonly #entry: URL;
  readonly #pending = new Map<number, PendingFit>();
  #worker: Worker | undefined;
  #stopped = false;
  #nextId = 0;

  constructor(engine: WorkerEngine, entry: URL) {
    this.#engine = engine;
    this.#entry = entry;
  }

  engine(shape: EncoderShape): EngineDescription {
    return encoderEngine(this.#engine, shape);
  }

  async fit(task: FitTask, options: FitOptions = {}): Promise<FitResult> {
    const { signal, onProgress } = options;
    if (this.#stopped) throw new TrainingError('stopped', 'the trainer was stopped');
    if (signal?.aborted) throw aborted(signal);
    if (this.#pending.size >= FITS_WAITING_MAX) {
      throw new TrainingError('invalid-options', `more than ${FITS_WAITING_MAX} fits are waiting`);
    }
    const id = this.#nextId++;
    const worker = this.#running();
    const { promise, resolve, reject } = Promise.withResolvers<FitResult>();
    this.#pending.set(id, { resolve, reject, onProgress });
    const onAbort = () => {
      this.#settle(id)?.reject(aborted(signal));
      worker.postMessage({ kind: 'abort', id } satisfies WorkerRequest);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      worker.ref();
      worker.postMessage({ kind: 'fit', id, task: cloneable(task) } satisfies WorkerRequest);
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
      this.#settle(id);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#rejectAll(new TrainingError('stopped', 'the trainer was stopped'));
    await worker?.terminate();
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new Worker(this.#entry, { workerData: this.#engine });
    worker.unref();
    worker.on('message', (reply: WorkerReply) => this.#receive(reply));
    worker.on('error', (cause) => this.#died(worker, 'the training worker failed', cause));
    worker.on('exit', (code) => this.#died(worker, `the training worker exited with ${code}`));
    this.#worker = worker;
    return worker;
  }

  #receive(reply: WorkerReply): void {
    if (reply.kind === 'progress') {
      const pending = this.#pending.get(reply.id);
      try {
        pending?.onProgress?.(reply.progress);
      } catch (error) {
        this.#settle(reply.id)?.reject(error);
        this.#worker?.postMessage({ kind: 'abort', id: reply.id } satisfies WorkerRequest);
      }
      return;
    }
    const pending = this.#settle(reply.id);
    if (reply.kind === 'done') pending?.resolve(reply.result);
    else {
      const { code = 'worker-died', message, step } = reply;
      pending?.reject(new TrainingError(code, message, { step }));
    }
  }

  /** Takes a fit off the list; an idle worker does not keep the process alive. */
  #settle(id: number): PendingFit | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (this.#pending.size === 0) this.#worker?.unref();
    return pending;
  }

  #died(worker: Worker, message: string, cause?: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#rejectAll(new TrainingError('worker-died', `${message}; start the fit again`, { cause }));
  }

  #rejectAll(error: TrainingError): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** Only the task's own fields: a caller's richer object may hold what cannot be cloned. */
function cloneable(task: FitTask): FitTask {
  const { shape, parameters, pairs, epochs, learningRate, batchSize, temperature, seed } = task;
  return { shape, parameters, pairs, epochs, learningRate, batchSize, temperature, seed };
}

function aborted(signal: AbortSignal | undefined): TrainingError {
  return new TrainingError('aborted', 'the fit was aborted', { cause: signal?.reason });
}
