// One child process on a site folder: started with a channel to us, ready when it says so, stopped
// by word, by signal, and ended by itself when we vanish.

import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../runtime-error.ts';
import type { Readiness } from './serve-until.ts';

export const READY_TIMEOUT_MS = 60_000;
export const STOP_TIMEOUT_MS = 10_000;

export interface ChildSpec {
  /** The command's script, as this process was started with. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly home: string;
  readonly name: string;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class Child {
  readonly name: string;
  readonly home: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess;
  #end: ChildEnd | undefined;
  #http: string | null = null;

  private constructor(spec: ChildSpec, child: ChildProcess) {
    this.name = spec.name;
    this.home = spec.home;
    this.#process = child;
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#end = { code, signal };
        resolve(this.#end);
      });
      // It could not even be started, so no exit will follow.
      child.once('error', () => {
        if (child.pid !== undefined) return;
        this.#end = { code: null, signal: null };
        resolve(this.#end);
      });
    });
  }

  /**
   * Starts the process and waits until it serves; one that does not is stopped.
   * @throws {RuntimeError} `child-died`, `timeout`
   */
  static async start(spec: ChildSpec, signal: AbortSignal): Promise<Child> {
    signal.throwIfAborted();
    await mkdir(spec.home, { recursive: true, mode: 0o700 });
    const errors = await open(join(spec.home, 'stderr.log'), 'a');
    const child = fork(spec.entry, [...spec.args], {
      stdio: ['ignore', 'ignore', errors.fd, 'ipc'],
      // A terminal's Ctrl-C reaches the launcher alone, which stops its children in order.
      detached: true,
    });
    await errors.close();
    const started = new Child(spec, child);
    try {
      await started.#ready(signal);
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Where operators' programs ask it; null when they may not. */
  get http(): string | null {
    return this.#http;
  }

  /** How the process ended; undefined while it runs. */
  get end(): ChildEnd | undefined {
    return this.#end;
  }

  /** Asks it to stop; kills it when it does not within the limit. */
  async stop(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#process.kill('SIGTERM');
    const kill = setTimeout(() => this.#process.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(kill);
  }

  #ready(signal: AbortSignal): Promise<void> {
    const log = join(this.home, 'stderr.log');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new RuntimeError('timeout', `${this.name} did not start in time; see ${log}`));
      }, READY_TIMEOUT_MS);
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      const settle = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      this.#process.once('message', ({ http }: Readiness) => {
        settle();
        this.#http = http;
        resolve();
      });
      void this.ended.then(async (end) => {
        settle();
        const why = await lastLine(log);
        const message = `${this.name} ended (${describeEnd(end)}) while starting: ${why}`;
        reject(new RuntimeError('child-died', message));
      });
    });
  }
}

/** In words, for people. */
export function describeEnd({ code, signal }: ChildEnd): string {
  return signal ?? (code === null ? 'could not be started' : `exit code ${code}`);
}

/** What the process said last, or where to look. */
async function lastLine(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  const said = text
    .trimEnd()
    .split('\n')
    .findLast((line) => line.startsWith('starling: '));
  return said?.slice('starling: '.length) ?? `see ${log}`;
}
