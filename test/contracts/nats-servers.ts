// NATS servers of a test: started on free ports of loopback with a folder of their own, ended with it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

const COMMAND = 'nats-server';
const READY_WITHIN_MS = 20_000;

/** The Debian package of the same name has it. */
export const hasNatsServer = spawnSync(COMMAND, ['--version']).status === 0;

export class NatsServer {
  readonly address: string;
  readonly #args: readonly string[];
  readonly #store: string;
  #child: ChildProcess | undefined;

  private constructor(address: string, store: string, args: readonly string[]) {
    this.#store = store;
    this.address = address;
    this.#args = args;
  }

  /** @param folder what it keeps; the same folder again is the same server again */
  static async start(folder: string, extra: readonly string[] = []): Promise<NatsServer> {
    await mkdir(folder, { recursive: true });
    const port = await freePort();
    const store = join(folder, 'store');
    const args = ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', store];
    const server = new NatsServer(`127.0.0.1:${port}`, store, [...args, ...extra]);
    await server.resume();
    return server;
  }

  /** Without warning. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Comes back without anything that it kept. */
  async forget(): Promise<void> {
    await this.kill();
    await rm(this.#store, { recursive: true, force: true });
    await this.resume();
  }

  async resume(): Promise<void> {
    const child = spawn(COMMAND, this.#args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`not ready: ${said}`)), READY_WITHIN_MS);
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (!said.includes('Server is ready')) return;
        clearTimeout(timer);
        resolve();
      });
      child.once('exit', () => reject(new Error(`nats-server ended: ${said}`)));
    });
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface NatsCluster {
  readonly servers: readonly NatsServer[];
  /** The server that leads a stream now; undefined while an election goes on. */
  leaderOf(stream: string): Promise<NatsServer | undefined>;
}

/** Three servers that keep every stream together. */
export async function startNatsCluster(folder: string): Promise<NatsCluster> {
  const routes = await Promise.all([freePort(), freePort(), freePort()]);
  const monitors = await Promise.all(routes.map(() => freePort()));
  const servers = await Promise.all(
    routes.map((port, i) =>
      NatsServer.start(join(folder, `n${i}`), [
        ...['--cluster_name', 'test', '--name', `n${i}`, '-m', `${monitors[i]}`],
        ...['--cluster', `nats://127.0.0.1:${port}`],
        ...['--routes', routes.map((route) => `nats://127.0.0.1:${route}`).join()],
      ]),
    ),
  );
  const leaderOf = async (stream: string): Promise<NatsServer | undefined> => {
    for (const monitor of monitors) {
      const url = `http://127.0.0.1:${monitor}/jsz?streams=true`;
      const answer = await fetch(url).then(
        (it) => it.json() as Promise<JetStreamView>,
        () => null,
      );
      const streams = answer?.account_details?.flatMap((account) => account.stream_detail ?? []);
      const leader = streams?.find(({ name }) => name === stream)?.cluster?.leader;
      if (leader !== undefined && leader !== '') return servers[Number(leader.slice(1))];
    }
    return undefined;
  };
  return { servers, leaderOf };
}

interface JetStreamView {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name: string;
      readonly cluster?: { readonly leader?: string };
    }[];
  }[];
}
