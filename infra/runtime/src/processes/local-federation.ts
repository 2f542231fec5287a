// One coordinator and its sites as processes of this machine, each on a folder of its own.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CoordinatorStatus } from '@starling/coordinator';
import type { AloneSettings, Document, PatternOptions } from '@starling/peer';
import type { ChainEngine, TrainingTask } from '@starling/shared';
import { readControl } from '../local-api/control-file.ts';
import { LocalClient } from '../local-api/local-client.ts';
import { createCoordinator } from '../run-coordinator.ts';
import { addDocumentsOffline, joinSite } from '../run-peer.ts';
import { type PeerConfig, readConfig, writeConfig } from '../site-config.ts';
import { createSiteFolder } from '../site-folder.ts';
import { Child, type ChildEnd, STOP_TIMEOUT_MS } from './child.ts';
import { isRunning } from './process-table.ts';

const LOOPBACK = '/ip4/127.0.0.1/tcp/0';
const LEAVE_CHECK_MS = 50;

export interface SiteSpec {
  readonly name: string;
  readonly documents: readonly Omit<Document, 'id'>[];
  /** What is installed there, where the federation trains an app. */
  readonly app?: PeerConfig['app'];
}

export interface LocalFederationSpec {
  /** Folder that holds a folder per process. */
  readonly home: string;
  /** The command's script, for child processes. */
  readonly entry: string;
  readonly signal: AbortSignal;
  /** Where the coordinator serves operators, such as 127.0.0.1:8080; nowhere when absent. */
  readonly http?: string;
  /** Called when a process ended without being asked to. */
  readonly onDeath?: (death: Death) => void;
}

export interface FoundingSpec {
  readonly name: string;
  readonly task: TrainingTask;
  /** Version 0 of the task's app. */
  readonly initial?: Float32Array;
  readonly sites: readonly SiteSpec[];
  readonly baselines: AloneSettings | null;
  /** Whether the sites learn, propose and use patterns; no site does unless its config says so. */
  readonly patterns?: Partial<PatternOptions>;
  /** What decides the chain; certificates when absent. */
  readonly chainEngine?: ChainEngine;
}

/** A process that ended without being asked to. */
export interface Death {
  readonly name: string;
  readonly end: ChildEnd;
}

export class LocalFederation {
  readonly #spec: LocalFederationSpec;
  readonly #children = new Map<string, Child>();
  readonly #deaths: Death[] = [];
  #stopping = false;

  constructor(spec: LocalFederationSpec) {
    this.#spec = spec;
  }

  /** Sites that ended on their own, in order. */
  get deaths(): readonly Death[] {
    return this.#deaths;
  }

  get coordinatorHome(): string {
    return join(this.#spec.home, 'coordinator');
  }

  /** Where the coordinator serves operators; null when it does not. */
  get http(): string | null {
    return this.#children.get('coordinator')?.http ?? null;
  }

  siteHome(name: string): string {
    return join(this.#spec.home, 'sites', name);
  }

  processId(name: string): number {
    return this.#children.get(name)?.pid ?? 0;
  }

  isAlive(name: string): boolean {
    const child = this.#children.get(name);
    return child !== undefined && child.end === undefined;
  }

  /**
   * Founds the federation: coordinator first, then one site after the other is invited, joins over
   * the wire and gets its documents.
   */
  async found(founding: FoundingSpec, onSite: (name: string) => void): Promise<void> {
    await mkdir(this.#spec.home, { recursive: true });
    await createCoordinator({
      home: this.coordinatorHome,
      name: founding.name,
      listen: [LOOPBACK],
      task: founding.task,
      initial: founding.initial,
      ...(founding.chainEngine === undefined ? {} : { chainEngine: founding.chainEngine }),
    });
    await this.startCoordinator();
    const coordinator = await LocalClient.open(this.coordinatorHome);
    for (const { app = null, documents, name } of founding.sites) {
      this.#spec.signal.throwIfAborted();
      const home = this.siteHome(name);
      await createSiteFolder(home, {
        version: 1,
        role: 'peer',
        site: name,
        listen: [LOOPBACK],
        app,
        baselines: founding.baselines,
        patterns: founding.patterns ?? {},
        generationIntervalMs: 60_000,
      });
      const { signal } = this.#spec;
      await joinSite(home, await coordinator.invite(name), { signal });
      if (documents.length > 0) await addDocumentsOffline(home, documents);
      onSite(name);
    }
  }

  async startCoordinator(): Promise<void> {
    const { http } = this.#spec;
    const options = http === undefined ? [] : ['--http', http];
    await this.#start('coordinator', this.coordinatorHome, ['coordinator', 'start', ...options]);
  }

  /**
   * Starts the sites side by side, each told where the coordinator listens this time; when one
   * fails, it throws after all of them are settled.
   */
  async startSites(names: readonly string[]): Promise<void> {
    const { addresses } = await this.coordinatorStatus();
    for (const name of names) await tellAddresses(this.siteHome(name), addresses);
    const started = await Promise.allSettled(
      names.map((name) => this.#start(name, this.siteHome(name), ['peer', 'start'])),
    );
    const failed = started.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async coordinatorStatus(): Promise<CoordinatorStatus> {
    return (await LocalClient.open(this.coordinatorHome)).coordinatorStatus();
  }

  /** Waits up to `withinMs` for a process to end. @returns whether it has */
  async hasEnded(name: string, withinMs: number): Promise<boolean> {
    const child = this.#children.get(name);
    if (child === undefined) return true;
    const timer = Promise.withResolvers<false>();
    const timeout = setTimeout(() => timer.resolve(false), withinMs);
    const ended = await Promise.race([child.ended.then(() => true), timer.promise]);
    clearTimeout(timeout);
    return ended;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const children = [...this.#children.values()];
    const sites = children.filter(({ name }) => name !== 'coordinator');
    await Promise.all(sites.map((child) => child.stop()));
    await this.#children.get('coordinator')?.stop();
  }

  async #start(name: string, home: string, command: readonly string[]): Promise<void> {
    const { entry, signal } = this.#spec;
    const args = [...command, '--home', home];
    await untilLeft(home, signal);
    const child = await Child.start({ entry, args, home, name }, signal);
    this.#children.set(name, child);
    void child.ended.then((end) => {
      if (this.#stopping) return;
      this.#deaths.push({ name, end });
      this.#spec.onDeath?.({ name, end });
    });
  }
}

/** The system chose another port when the coordinator was started again. */
async function tellAddresses(home: string, addresses: readonly string[]): Promise<void> {
  const config = await readConfig(home);
  if (config.role === 'peer') await writeConfig(home, { ...config, coordinator: [...addresses] });
}

/** A process of an earlier run may still be putting its folder down after its launcher was killed. */
async function untilLeft(home: string, signal: AbortSignal): Promise<void> {
  const before = await readControl(home);
  if (before === undefined || before.pid === process.pid) return;
  const deadline = performance.now() + STOP_TIMEOUT_MS;
  // Past the deadline the id may be another program's: the folder's own lock decides then.
  while (isRunning(before.pid) && performance.now() < deadline) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, LEAVE_CHECK_MS));
  }
}
