// The test network of containers, driven as an operator drives it: `infra/deploy/network`, docker.

import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CoordinatorStatus, PeerStatus } from '@starling/runtime';

const NETWORK = join(import.meta.dirname, '..', '..', '..', 'infra', 'deploy', 'network');
const PROJECT = 'starling-faults';
/** Beside the one of `network` itself. */
const SUBNET = '172.30.77';
const CHECK_MS = 500;
const WITHIN_MS = 300_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const LEADS = /^(\S+) .*new stream leader for '.*STARLING_/;

export const COORDINATORS = ['coordinator-1', 'coordinator-2'] as const;
export const SERVERS = ['nats-1', 'nats-2', 'nats-3'] as const;
export const SITES = ['site-1', 'site-2', 'site-3', 'site-4', 'site-5'] as const;
const run = promisify(execFile);

/** What stands in the way; undefined where a daemon answers. */
export function dockerObjection(): string | undefined {
  const { error, status } = spawnSync('docker', ['info'], { stdio: 'ignore' });
  if (error !== undefined) return 'docker is not here (Debian: docker.io)';
  return status === 0 ? undefined : 'no Docker daemon answers';
}

export class DockerNetwork {
  readonly #signal: AbortSignal;
  readonly #env = { ...process.env, STARLING_NETWORK: SUBNET, STARLING_PROJECT: PROJECT };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Founds it anew. */
  async up(): Promise<void> {
    await this.down();
    await this.network('up');
  }

  /** Also after the person gave up. */
  async down(): Promise<void> {
    await run(NETWORK, ['down', '--volumes'], { env: this.#env }).catch(() => undefined);
  }

  /** `infra/deploy/network …`. @returns what it printed */
  network(...args: readonly string[]): Promise<string> {
    return this.#command(NETWORK, args);
  }

  docker(...args: readonly string[]): Promise<string> {
    return this.#command('docker', args);
  }

  async container(service: string): Promise<string> {
    const label = `label=com.docker.compose.service=${service}`;
    const project = `label=com.docker.compose.project=${PROJECT}`;
    const ids = await this.docker('ps', '--all', '--quiet', '--filter', label, '--filter', project);
    const [id] = ids.trim().split('\n');
    if (id === undefined || id === '') throw new Error(`there is no container of ${service}`);
    return id;
  }

  async kill(service: string): Promise<void> {
    await this.docker('kill', '--signal', 'KILL', await this.container(service));
  }

  async start(service: string): Promise<void> {
    await this.docker('start', await this.container(service));
  }

  async restart(service: string): Promise<void> {
    await this.docker('restart', '--time', '20', await this.container(service));
  }

  async disconnect(service: string): Promise<void> {
    await this.docker(
      'network',
      'disconnect',
      `${PROJECT}_starling`,
      await this.container(service),
    );
  }

  async connect(service: string, host: number): Promise<void> {
    const address = ['--ip', `${SUBNET}.${host}`];
    const id = await this.container(service);
    await this.docker('network', 'connect', ...address, `${PROJECT}_starling`, id);
  }

  /** The command inside a container, its answer as JSON; undefined when it fails. */
  async ask<T>(service: string, ...args: readonly string[]): Promise<T | undefined> {
    try {
      const id = await this.container(service);
      return JSON.parse(
        await this.docker('exec', id, 'starling', ...args, '--format', 'json'),
      ) as T;
    } catch {
      // It starts, stands by, or is cut off.
      return undefined;
    }
  }

  /** The coordinator that leads, with its status. */
  async leader(): Promise<
    { readonly name: string; readonly status: CoordinatorStatus } | undefined
  > {
    for (const name of COORDINATORS) {
      const status = await this.ask<CoordinatorStatus>(name, 'coordinator', 'status');
      if (status !== undefined) return { name, status };
    }
    return undefined;
  }

  leading(): Promise<{ readonly name: string; readonly status: CoordinatorStatus }> {
    return this.until('one leads', () => this.leader());
  }

  peer(site: string): Promise<PeerStatus | undefined> {
    return this.ask<PeerStatus>(site, 'peer', 'status');
  }

  /** The server that leads the log's stream, by what the servers' logs say. */
  async natsLeader(): Promise<string> {
    const found: { readonly at: string; readonly server: string }[] = [];
    for (const server of SERVERS) {
      const id = await this.container(server);
      const { stderr, stdout } = await run('docker', ['logs', '--timestamps', id]);
      const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => LEADS.test(line));
      const at = LEADS.exec(lines.at(-1) ?? '')?.[1];
      if (at !== undefined) found.push({ at, server });
    }
    const last = found.sort((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
    if (last === undefined) throw new Error('no server says that it leads the stream');
    return last.server;
  }

  async until<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    const deadlineMs = performance.now() + WITHIN_MS;
    for (;;) {
      this.#signal.throwIfAborted();
      const answer = await probe();
      if (answer !== undefined) return answer;
      if (performance.now() > deadlineMs) throw new Error(`waited in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
    }
  }

  async #command(file: string, args: readonly string[]): Promise<string> {
    const options = { env: this.#env, maxBuffer: OUTPUT_BYTES_MAX, signal: this.#signal };
    return (await run(file, [...args], options)).stdout;
  }
}
