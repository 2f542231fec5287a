// One `starling … start` as a child: started until it serves, killed, held, stopped, started again.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { STARLING } from '../launched.ts';

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 20_000;

export class ServedProcess {
  readonly name: string;
  readonly home: string;
  readonly #command: 'peer' | 'coordinator';
  #child: ChildProcess | undefined;

  constructor(name: string, home: string, command: 'peer' | 'coordinator') {
    this.name = name;
    this.home = home;
    this.#command = command;
  }

  /** Undefined while it does not run. */
  get pid(): number | undefined {
    const child = this.#child;
    return child === undefined || child.exitCode !== null || child.signalCode !== null
      ? undefined
      : child.pid;
  }

  /** Resolves when it serves. @throws {Error} with what it said when it ends before */
  async start(): Promise<void> {
    const errors = await open(join(this.home, 'stderr.log'), 'a');
    const child = fork(STARLING, [this.#command, 'start', '--home', this.home], {
      stdio: ['ignore', 'ignore', errors.fd, 'ipc'],
      detached: true,
    });
    this.#child = child;
    await errors.close();
    const ready = Promise.withResolvers<void>();
    const timer = setTimeout(() => ready.reject(new Error(`${this.name}: late`)), READY_WITHIN_MS);
    child.once('message', () => ready.resolve());
    child.once('exit', () => ready.reject(new Error(`${this.name} ended while starting`)));
    try {
      await ready.promise;
    } catch (cause) {
      const said = await readFile(join(this.home, 'stderr.log'), 'utf8');
      throw new Error(`${(cause as Error).message}: ${said.slice(-500)}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As an operator stops it; killed when it does not go. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_WITHIN_MS);
    await this.#end('SIGTERM');
    clearTimeout(timer);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.pid === undefined || this.#child === undefined) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
