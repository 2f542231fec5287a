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
