// What only the wire can show: scores, and a network that was cut without a word.

import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { setInterval } from 'node:timers/promises';
import {
  generateTransportKey,
  type Libp2pBus,
  type Libp2pBusOptions,
  startLibp2pBus,
} from '@starling/adapters';
import { ACCEPT, refusal } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { connectionsUntil, DEADLINE_MS, publishUntil } from './bus-fixture.ts';

const PING_MS = 150;

async function startBus(
  t: ExecutionContext,
  limits: Libp2pBusOptions['limits'] = {},
): Promise<Libp2pBus> {
  const { key } = await generateTransportKey();
  const bus = await startLibp2pBus({
    privateKey: key,
    topicPrefix: 'test',
    listen: ['/ip4/127.0.0.1/tcp/0'],
    limits,
  });
  t.teardown(() => bus.stop());
  return bus;
}

/** Gossipsub computes scores on its heartbeat. */
async function untilScore(isSo: () => boolean): Promise<void> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for await (const _ of setInterval(50, undefined, { signal })) if (isSo()) return;
}

test('rejected messages and penalties lower the score of their forwarder', async (t) => {
  const [a, b] = [await startBus(t), await startBus(t)];
  await a.connect(b.addresses()[0] ?? '');
  let judged = 0;
  b.subscribe('site', () => (judged++ === 0 ? ACCEPT : refusal('bad-signature', 'test')));
  await publishUntil(a, 'site', 'good', () => judged > 0);
  await publishUntil(a, 'site', 'bad', () => judged > 3);
  await untilScore(() => b.scoreOf(a.self) < 0);
  const before = b.scoreOf(a.self);
  b.penalise(a.self, 'equivocation');
  await untilScore(() => b.scoreOf(a.self) < before - 10);
  t.true(b.scoreOf(a.self) < before);
});

test('a network cut without a word is noticed by pings', async (t) => {
  const limits = { pingIntervalMs: PING_MS, pingTimeoutMs: 2 * PING_MS };
  const [a, b] = [await startBus(t, limits), await startBus(t, limits)];
  const address = b.addresses()[0] ?? '';
  const port = Number(/\/tcp\/(\d+)/.exec(address)?.[1]);
  const sockets: Socket[] = [];
  const wire = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    near
      .on('error', () => undefined)
      .pipe(far.on('error', () => undefined))
      .pipe(near);
    sockets.push(near, far);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    wire.close();
  });
  wire.listen(0, '127.0.0.1');
  await once(wire, 'listening');
  const wirePort = (wire.address() as AddressInfo).port;
  await a.connect(address.replace(`/tcp/${port}`, `/tcp/${wirePort}`));
  await connectionsUntil(b, () => b.connected().includes(a.self));
  // Nothing flows any more, and nobody is told.
  for (const socket of sockets) socket.unpipe().pause();
  await connectionsUntil(a, () => a.connected().length === 0);
  await connectionsUntil(b, () => b.connected().length === 0);
  t.pass();
});
