// One child process that runs graphs: nothing in its environment but the refusal of telemetry, an
// empty working directory, a cap on its memory, and a watch that kills it when it hangs.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TrainingError, type TrainingErrorCode } from '../training-error.ts';
import type { EngineReply, EngineRequest, EngineResult } from './engine-messages.ts';
import type { Chunk } from './stepped-run.ts';
import { Watchdog } from './watchdog.ts';

export interface EngineProcessOptions {
  /** Most memory the process may hold, in MiB. */
  readonly memoryMiB: number;
  /** Silence after which a process that should compute is killed. */
  readonly stallTimeoutMs: number;
}

export const DEFAULT_ENGINE_PROCESS_OPTIONS: EngineProcessOptions = Object.freeze({
  memoryMiB: 4096,
  stallTimeoutMs: 60_000,
});

/** Starting a process and opening a session may take so long on a busy machine. */
const START_TIMEOUT_MS = 30_000;
const STARTING: ReadonlySet<EngineRequest['kind']> = new Set(['load', 'hold', 'begin']);
/** How long an aborted run may take to its next chunk before its process is killed. */
const ABORT_GRACE_MS = 10_000;
/** Requests that may wait in one process; more is a broken caller. */
const REQUESTS_WAITING_MAX = 64;
/** What is kept of the process's last words. */
const STDERR_CHARS_MAX = 2_000;

/** The process's entry beside this module: `.ts` in the repository, `.js` once published. */
const ENTRY = fileURLToPath(new URL(`./engine-worker${extname(import.meta.url)}`, import.meta.url));

/**
 * Caps the data segment where the system can, then becomes the process. A graph may keep that busy for
 * ever, and a thread beside it would need memory beyond the cap: so a shell waits for the owner's pipe
 * to say that all is over, and kills the process when the pipe ends without a word.
 */
const LAUNCH = `ulimit -d "$0" 2>/dev/null
(read -r over <&4 || kill -9 $$) >/dev/null 2>&1 3<&- &
exec 4<&-
exec "$@"`;
const OVER = 'over\n';
/** The owner's end of that pipe, among the child's streams. */
const LIFELINE = 4;

type WithoutId<Request> = Request extends { id: number } ? Omit<Request, 'id'> : never;

interface Pending {
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onChunk: ((chunk: Chunk) => void) | undefined;
  readonly isStart: boolean;
}

export class EngineProcess {
  readonly #options: EngineProcessOptions;
  readonly #folder = mkdtempSync(join(tmpdir(), 'starling-engine-'));
  readonly #pending = new Map<number, Pending>();
  readonly #watchdog: Watchdog;
  readonly #child: ChildProcess;
  readonly #lifeline: Writable | null;
  readonly #ended = Promise.withResolvers<void>();
  #nextId = 0;
  #stderr = '';
  /** Why it ended, once it has. */
  #death: TrainingError | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    this.#watchdog = new Watchdog(() => {
      this.#kill('worker-died', `the engine process was silent too long and was killed`);
    });
    const { memoryMiB } = options;
    const [command, ...args] = commandOf(memoryMiB);
    const child = spawn(command, args, {
      cwd: this.#folder,
      env: { ORT_DISABLE_TELEMETRY: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      serialization: 'advanced',
    });
    this.#child = child;
    this.#lifeline = child.stdio[LIFELINE] as Writable | null;
    // Whoever would read from it may be gone already.
    this.#lifeline?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS_MAX);
    });
    child.on('message', (reply: EngineReply) => this.#receive(reply));
    child.on('error', (error) => this.#kill('worker-died', error.message));
    child.on('exit', () => this.#lifeline?.end(OVER));
    child.on('close', (code, signal) => this.#closed(String(signal ?? code)));
  }

  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** Process id; undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws TrainingError with the engine's words, or `worker-died` */
  request(request: WithoutId<EngineRequest>, onChunk?: Pending['onChunk']): Promise<EngineResult> {
    if (this.#death !== undefined) throw this.#death;
    if (this.#pending.size >= REQUESTS_WAITING_MAX) {
      const message = `more than ${REQUESTS_WAITING_MAX} requests are waiting`;
      throw new TrainingError('invalid-options', message);
    }
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<EngineResult>();
    const isStart = STARTING.has(request.kind);
    this.#pending.set(id, { resolve, reject, onChunk, isStart });
    this.#keepsOwnerAlive(true);
    const { stallTimeoutMs } = this.#options;
    this.#watchdog.restart(isStart ? Math.max(START_TIMEOUT_MS, stallTimeoutMs) : stallTimeoutMs);
    this.#send({ ...request, id } as EngineRequest);
    return promise;
  }

  /** Tells the process to give up a run; kills it when it does not within a grace. */
  abort(run: number): void {
    if (this.#death !== undefined) return;
    this.#send({ kind: 'abort', run });
    const waiting = [...this.#pending.values()];
    const isStarting = waiting.some(({ isStart }) => isStart);
    if (waiting.length > 0 && !isStarting) this.#watchdog.restart(ABORT_GRACE_MS);
  }

  async stop(): Promise<void> {
    this.#keepsOwnerAlive(true);
    this.#kill('stopped', 'the trainer was stopped');
    await this.#ended.promise;
  }

  #send(request: EngineRequest): void {
    this.#child.send(request, (error) => {
      if (error !== null) this.#kill('worker-died', `it cannot be reached: ${error.message}`);
    });
  }

  #receive(reply: EngineReply): void {
    if (this.#death !== undefined) return;
    if (reply.kind === 'chunk') {
      this.#watchdog.restart(this.#options.stallTimeoutMs);
      const { done, gathered } = reply;
      this.#pending.get(reply.id)?.onChunk?.({ done, gathered });
      return;
    }
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (this.#pending.size === 0) {
      this.#watchdog.stop();
      this.#keepsOwnerAlive(false);
    } else {
      this.#watchdog.restart(this.#options.stallTimeoutMs);
    }
    if (reply.kind === 'done') pending?.resolve(reply.result);
    else pending?.reject(new TrainingError(reply.code ?? 'engine-failed', reply.message));
  }

  #kill(code: TrainingErrorCode, message: string): void {
    this.#die(new TrainingError(code, message));
    this.#child.kill('SIGKILL');
    if (this.#child.pid === undefined) this.#closed('not started');
  }

  #closed(how: string): void {
    const words = this.#stderr.trim() === '' ? '' : `; it said: ${this.#stderr.trim()}`;
    const message = `the engine process ended (${how}); start the fit again${words}`;
    this.#die(new TrainingError('worker-died', message));
    rmSync(this.#folder, { recursive: true, force: true });
    this.#ended.resolve();
  }

  #die(death: TrainingError): void {
    this.#death ??= death;
    this.#watchdog.stop();
    for (const { reject } of this.#pending.values()) reject(this.#death);
    this.#pending.clear();
  }

  #keepsOwnerAlive(isBusy: boolean): void {
    const { channel, stderr } = this.#child;
    const handles = [this.#child, channel, stderr, this.#lifeline];
    for (const handle of handles as readonly (Handle | null | undefined)[]) {
      if (isBusy) handle?.ref?.();
      else handle?.unref?.();
    }
  }
}

function commandOf(memoryMiB: number): [string, ...string[]] {
  const node: [string, ...string[]] = [
    process.execPath,
    `--max-old-space-size=${memoryMiB}`,
    ENTRY,
  ];
  if (process.platform === 'win32') return node;
  return ['/bin/sh', '-c', LAUNCH, String(memoryMiB * 1024), ...node];
}

interface Handle {
  ref?(): void;
  unref?(): void;
}
