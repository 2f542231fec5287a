// The process of an installed app: a crash, an endless loop or a native engine that is cut off end it
// and not the site. It starts with the first question, and anew after its death.

import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, type AppErrorCode } from '@starling/shared';
import { refuseTelemetry, TrainingError } from '@starling/training';
import type { AppAnswer, AppQuestion, FromApp, ToApp } from './app-messages.ts';

/** How long an aborted question, or an idle process, may take to end before it is killed. */
const APP_GRACE_MS = 5_000;

/** The entry beside this module: `.ts` in the repository, `.js` once emitted. */
const ENTRY = fileURLToPath(new URL(`./app-worker${extname(import.meta.url)}`, import.meta.url));

interface Pending {
  readonly resolve: (answer: AppAnswer) => void;
  readonly reject: (error: unknown) => void;
}

export class AppProcess {
  readonly #folder: string;
  readonly #onOutput: (text: string) => void;
  readonly #graceMs: number;
  readonly #pending = new Map<number, Pending>();
  #child: ChildProcess | undefined;
  /** Ends when every question so far is answered, or its process is dead. */
  #tail: Promise<void> = Promise.resolve();
  #nextId = 0;

  constructor(folder: string, onOutput: (text: string) => void, graceMs = APP_GRACE_MS) {
    this.#folder = folder;
    this.#graceMs = graceMs;
    this.#onOutput = onOutput;
  }

  /**
   * Questions are answered one after the other. Rejects at once when the signal fires; work that
   * does not end by itself then is killed with its process, and the next question starts another.
   * @throws AppError when the app cannot be loaded; {TrainingError} `aborted`, `worker-died`
   */
  async ask(question: AppQuestion, signal: AbortSignal): Promise<AppAnswer> {
    const before = this.#tail;
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    this.#tail = before.then(() => over);
    try {
      await Promise.race([before, whenAborted(signal)]);
      if (signal.aborted) throw aborted(signal);
    } catch (error) {
      end();
      throw error;
    }
    return this.#askNow(question, signal, end);
  }

  async #askNow(question: AppQuestion, signal: AbortSignal, end: () => void): Promise<AppAnswer> {
    const id = this.#nextId++;
    const child = this.#running();
    const { promise, reject, resolve } = Promise.withResolvers<AppAnswer>();
    this.#pending.set(id, { resolve, reject });
    let timer: NodeJS.Timeout | undefined;
    promise
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        end();
      });
    const onAbort = () => {
      tell(child, { kind: 'abort', id });
      timer = setTimeout(() => child.kill('SIGKILL'), this.#graceMs).unref();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      tell(child, { kind: 'ask', id, question });
      return await Promise.race([promise, whenAborted(signal)]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the process; questions on the way are rejected. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#graceMs);
    if (child.connected) child.disconnect();
    await ended;
    clearTimeout(timer);
  }

  #running(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    refuseTelemetry();
    const child = fork(ENTRY, [], {
      cwd: this.#folder,
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => this.#onOutput(text));
    }
    child.on('message', (message: FromApp) => this.#receive(message));
    child.once('error', () => this.#died(child, 'it did not start'));
    child.once('exit', (code, signal) => this.#died(child, `it ended with ${signal ?? code}`));
    this.#child = child;
    return child;
  }

  #receive({ answer, code, id, message }: FromApp): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (answer !== undefined) pending?.resolve(answer);
    else pending?.reject(new AppError(code as AppErrorCode, message));
  }

  #died(child: ChildProcess, how: string): void {
    if (this.#child === child) this.#child = undefined;
    const error = new TrainingError('worker-died', `the process of the app: ${how}`);
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function tell(child: ChildProcess, message: ToApp): void {
  if (child.connected) child.send(message, () => {});
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(aborted(signal));
    signal.addEventListener('abort', () => reject(aborted(signal)), { once: true });
  });
}

function aborted(signal: AbortSignal): TrainingError {
  return new TrainingError('aborted', 'the work was aborted', { cause: signal.reason });
}
