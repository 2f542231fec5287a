// Five site processes, driven as one.

import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Command, Load, Observed, Report, Site } from './protocol.ts';

/** A load that has not arrived everywhere by then has lost messages. */
const LOAD_TIMEOUT_MS = 12_000;
const MEET_TIMEOUT_MS = 30_000;

export interface LoadResult {
  readonly observed: readonly Observed[];
  readonly isComplete: boolean;
}

/** Starts the sites and connects each with all others. */
export async function startSwarm(size: number, signal: AbortSignal): Promise<Swarm> {
  const swarm = new Swarm(size, signal);
  try {
    await swarm.meet();
    return swarm;
  } catch (error) {
    await swarm[Symbol.asyncDispose]();
    throw error;
  }
}

/** Made by {@link startSwarm}; disposing it ends its processes. */
export class Swarm implements AsyncDisposable {
  readonly #sites: readonly ChildProcess[];
  readonly #signal: AbortSignal;

  constructor(size: number, signal: AbortSignal) {
    this.#signal = signal;
    const worker = join(import.meta.dirname, 'gossip-worker.ts');
    this.#sites = Array.from({ length: size }, () =>
      fork(worker, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }).setMaxListeners(0),
    );
  }

  async meet(): Promise<void> {
    const deadline = AbortSignal.any([this.#signal, AbortSignal.timeout(MEET_TIMEOUT_MS)]);
    const started = await this.#all('started', deadline);
    const sites: Site[] = started.map(({ site }) => site);
    const met = this.#all('met', deadline);
    for (const [self, site] of this.#sites.entries()) tell(site, { kind: 'meet', sites, self });
    await met;
  }

  /** Every site sends `load`; ends when all arrived everywhere, or at a deadline. */
  async run(load: Load): Promise<LoadResult> {
    await this.#ask({ kind: 'prepare', load }, 'prepared');
    const deadline = AbortSignal.timeout(LOAD_TIMEOUT_MS);
    const isComplete = this.#all('complete', AbortSignal.any([this.#signal, deadline])).then(
      () => true,
      (reason: unknown) => {
        if (!deadline.aborted) throw reason;
        return false;
      },
    );
    await Promise.all([this.#ask({ kind: 'send' }, 'sent'), isComplete]);
    const reports = await this.#ask({ kind: 'collect' }, 'observed');
    return { observed: reports.map(({ observed }) => observed), isComplete: await isComplete };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#sites.filter(({ exitCode, connected }) => exitCode === null && connected);
    const ended = running.map((site) => {
      const exit = new Promise((resolve) => site.once('exit', resolve));
      const late = setTimeout(() => site.kill('SIGKILL'), 3000);
      return exit.finally(() => clearTimeout(late));
    });
    for (const site of running) tell(site, { kind: 'stop' });
    await Promise.all(ended);
  }

  async #ask<K extends Report['kind']>(command: Command, kind: K) {
    const answers = this.#all(kind, this.#signal);
    for (const site of this.#sites) tell(site, command);
    return answers;
  }

  #all<K extends Report['kind']>(kind: K, signal: AbortSignal) {
    return Promise.all(this.#sites.map((site) => nextReport(site, kind, signal)));
  }
}

type ReportOf<K> = Extract<Report, { readonly kind: K }>;

function nextReport<K extends Report['kind']>(site: ChildProcess, kind: K, signal: AbortSignal) {
  return new Promise<ReportOf<K>>((resolve, reject) => {
    const onReport = (report: Report): void => {
      if (report.kind === kind) settle(() => resolve(report as ReportOf<K>));
    };
    const onExit = (code: number | null): void =>
      settle(() => reject(new Error(`a site process ended with ${code} before "${kind}"`)));
    const onAbort = (): void => settle(() => reject(signal.reason));
    const settle = (finish: () => void): void => {
      site.off('message', onReport).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    site.on('message', onReport).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

function tell(site: ChildProcess, command: Command): void {
  site.send(command);
}
