// A network on loopback whose links can be cut and slowed. Each node announces a door, a TCP proxy in
// front of its port; who dials is found by the process, so that both ends' links count.

import { once } from 'node:events';
import {
  type AddressInfo,
  createServer,
  connect as dial,
  type Server,
  type Socket,
} from 'node:net';
import { dialledBy } from './dialled-by.ts';
import { type Direction, Link } from './link.ts';

/** Bytes that one direction of a connection has under way at most. */
const IN_FLIGHT_BYTES_MAX = 1024 * 1024;

export class LoopbackNetwork {
  readonly #links = new Map<string, Link>();
  readonly #doors: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #processes: () => Iterable<readonly [name: string, pid: number]>;

  /** @param processes who may dial, by the name of the link */
  constructor(processes: () => Iterable<readonly [name: string, pid: number]>) {
    this.#processes = processes;
  }

  link(name: string): Link {
    const link = this.#links.get(name) ?? new Link();
    this.#links.set(name, link);
    return link;
  }

  /** Opens the door of a node that listens on `port`. @returns the door's port */
  async open(name: string, port: number): Promise<number> {
    const door = createServer({ allowHalfOpen: true, noDelay: true }, (caller) => {
      void this.#carry(caller, name, port);
    });
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    this.#doors.push(door);
    return (door.address() as AddressInfo).port;
  }

  stop(): void {
    for (const door of this.#doors) door.close();
    for (const link of this.#links.values()) link.mend();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #carry(caller: Socket, name: string, port: number): Promise<void> {
    this.#keep(caller);
    const { localPort = 0, remotePort = 0 } = caller;
    const from = await dialledBy(remotePort, localPort, this.#processes());
    const own = this.link(name);
    const callers = from === undefined ? new Link() : this.link(from);
    await Promise.all([own.whole(), callers.whole()]);
    const node = dial({ allowHalfOpen: true, host: '127.0.0.1', noDelay: true, port });
    this.#keep(node);
    void pass(caller, node, [callers, 'up'], [own, 'down']);
    void pass(node, caller, [own, 'up'], [callers, 'down']);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // What an end says about its own end is passed on by closing the other.
    socket.on('error', () => undefined);
  }
}

/** Passes on what `source` says, in order, until it ends; a broken end breaks the other one. */
async function pass(
  source: Socket,
  target: Socket,
  ...path: readonly [link: Link, direction: Direction][]
): Promise<void> {
  let underWay = 0;
  let written: Promise<unknown> = Promise.resolve();
  const whole = () => Promise.all(path.map(([link]) => link.whole()));
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      await whole();
      const throughMs = path.map(([link, direction]) => link.take(direction, chunk.byteLength));
      await sleepUntil(Math.max(...throughMs));
      const dueMs = performance.now() + path.reduce((sum, [link]) => sum + link.delayMs, 0);
      underWay += chunk.byteLength;
      const before = written;
      written = (async () => {
        await before;
        await sleepUntil(dueMs);
        await whole();
        if (!target.write(chunk))
          await Promise.race([once(target, 'drain'), once(target, 'close')]);
        underWay -= chunk.byteLength;
      })();
      // Whoever waits for it hears of a broken end.
      written.catch(() => undefined);
      if (underWay > IN_FLIGHT_BYTES_MAX) await written;
    }
    await written;
    await whole();
    target.end();
  } catch {
    await whole();
    target.destroy();
  }
}

async function sleepUntil(atMs: number): Promise<void> {
  const leftMs = atMs - performance.now();
  if (leftMs >= 1) await new Promise((resolve) => setTimeout(resolve, leftMs));
}
