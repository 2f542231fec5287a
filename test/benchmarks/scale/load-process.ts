// The load process as its parent sees it.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LoadCommand, LoadReport } from './load-protocol.ts';

const WORKER = join(import.meta.dirname, 'load-worker.ts');

export class LoadProcess {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(WORKER, { serialization: 'advanced' });
  }

  /** @throws {Error} with the reason when it fails */
  async obey(command: LoadCommand, signal: AbortSignal): Promise<LoadReport> {
    const ended = new AbortController();
    const onExit = () => ended.abort(new Error('the load process ended'));
    this.#child.once('exit', onExit);
    this.#child.send(command);
    const all = AbortSignal.any([signal, ended.signal]);
    const [report] = (await once(this.#child, 'message', { signal: all })) as [LoadReport];
    this.#child.off('exit', onExit);
    if (report.kind === 'failed') throw new Error(`the load process: ${report.why}`);
    return report;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }
}
