// A coordinator whose log lies on NATS servers: founded, started, looked at, read while it is stopped.

import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import {
  createCoordinator,
  examine,
  LocalClient,
  readLedger,
  runCoordinator,
} from '@starling/runtime';
import { EventLogError } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { freePort, hasNatsServer, NatsServer } from '../contracts/nats-servers.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { lightTask } from './chain-federation.ts';

const FOUNDING = { listen: ['/ip4/127.0.0.1/tcp/0'], logLevel: 'error', name: 'flock' } as const;

async function logCheck(home: string) {
  return (await examine(home)).find(({ name }) => name === 'log');
}

function found(home: string, servers: string[]) {
  return createCoordinator({ ...FOUNDING, home, task: lightTask(), log: { servers } });
}

async function serverOf(t: ExecutionContext): Promise<NatsServer> {
  const server = await NatsServer.start(join(temporaryFolder(t), 'server'));
  t.teardown(() => server.kill());
  return server;
}

test('servers that do not answer leave no half a coordinator', async (t) => {
  const home = join(temporaryFolder(t), 'coordinator');
  const address = `127.0.0.1:${await freePort()}`;
  const error = await t.throwsAsync(found(home, [address]), { instanceOf: EventLogError });
  t.regex(error?.message ?? '', new RegExp(`NATS at ${address}`));
  t.deepEqual(readdirSync(home), []);
});

test('the doctor says which log a coordinator has, and that its file is there', async (t) => {
  const home = join(temporaryFolder(t), 'coordinator');
  await createCoordinator({ ...FOUNDING, home, task: lightTask() });
  t.like(await logCheck(home), {
    state: 'ok',
    found: `sqlite: ${join(home, 'events.sqlite')}; a file`,
  });
});

if (!hasNatsServer) {
  test.skip('NATS coordinator: nats-server is not here (Debian: nats-server)', () => {});
} else {
  test('a coordinator founded on NATS servers keeps nothing of its log in its folder', async (t) => {
    const server = await serverOf(t);
    const home = join(temporaryFolder(t), 'coordinator');
    await found(home, [server.address]);
    const running = await runCoordinator(home);
    t.teardown(() => running.stop());
    const { log } = await (await LocalClient.open(home)).coordinatorStatus();
    t.like(log, { kind: 'nats', reachable: true, detail: '1 of 1 copies up to date' });
    t.true(log.where.endsWith(` at ${server.address}`));
    await running.stop();
    t.false(existsSync(join(home, 'events.sqlite')));
    t.deepEqual((await readLedger(home)).problems, []);
    t.like(await logCheck(home), { state: 'ok' });
    await server.kill();
    const check = await logCheck(home);
    t.is(check?.state, 'failed');
    t.regex(check?.advice ?? '', /^start the servers/);
  });

  test('a coordinator whose port is taken says so, and leaves the lead to whoever can', async (t) => {
    const server = await serverOf(t);
    const home = join(temporaryFolder(t), 'coordinator');
    const taken = createServer();
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const listen = [`/ip4/127.0.0.1/tcp/${port}`];
    const log = { servers: [server.address] };
    await createCoordinator({ ...FOUNDING, home, listen, task: lightTask(), log });
    const refused = await t.throwsAsync(runCoordinator(home));
    taken.close();
    await once(taken, 'close');
    const running = await runCoordinator(home);
    t.teardown(() => running.stop());
    t.is((await running.status()).name, 'flock');
    t.regex(refused?.message ?? '', /EADDRINUSE|listen/i);
  });

  test('a log that the servers do not have is named, and none is made', async (t) => {
    const server = await serverOf(t);
    const home = join(temporaryFolder(t), 'coordinator');
    await found(home, [server.address]);
    await server.forget();
    const error = await t.throwsAsync(runCoordinator(home), { instanceOf: EventLogError });
    t.regex(error?.message ?? '', /^there is no log [0-9a-f]{32} at 127\.0\.0\.1:/);
    t.regex((await logCheck(home))?.found ?? '', /there is no log/);
  });
}
