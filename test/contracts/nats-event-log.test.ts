import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNatsEventLog } from '@starling/adapters';
import { EventLogError } from '@starling/shared';
import test, { type TestFn } from 'ava';
import { event, eventLogContract, textsOf } from './event-log.contract.ts';
import { freePort, hasNatsServer, NatsServer, startNatsCluster } from './nats-servers.ts';
import { temporaryFolder } from './temporary-folder.ts';

if (!hasNatsServer) {
  test.skip('NATS log: nats-server is not here (Debian: nats-server)', () => {});
} else {
  const servers: NatsServer[] = [];
  let shared: NatsServer | undefined;
  let logs = 0;

  const started = async (folder: string, extra?: readonly string[]): Promise<NatsServer> => {
    const server = await NatsServer.start(folder, extra);
    servers.push(server);
    return server;
  };
  const openOn = (at: readonly NatsServer[], log: string, replicas: 1 | 3 = 1) => {
    const addresses = at.map(({ address }) => address);
    return openNatsEventLog({ servers: addresses, name: 'test', log, replicas });
  };
  const theShared = (): NatsServer => {
    if (shared === undefined) throw new Error('not started');
    return shared;
  };
  const newName = (): string => `contract-${++logs}`;

  let home = '';
  test.before(async () => {
    home = await mkdtemp(join(tmpdir(), 'starling-nats-'));
    shared = await started(home);
  });
  test.after.always(async () => {
    await Promise.all(servers.map((server) => server.kill()));
    await rm(home, { recursive: true, force: true });
  });

  eventLogContract(test as TestFn, 'NATS log', async () => {
    const name = newName();
    const log = await openOn([theShared()], name);
    return {
      log,
      reopen: async () => {
        await log.stop();
        return openOn([theShared()], name);
      },
    };
  });

  test('NATS log: of two writers with one head in mind one is refused, and then goes on', async (t) => {
    const name = newName();
    const [one, other] = await Promise.all([
      openOn([theShared()], name),
      openOn([theShared()], name),
    ]);
    await one.append([event('a')], 0);
    const error = await t.throwsAsync(other.append([event('b')], 0), {
      instanceOf: EventLogError,
    });
    t.is(error?.code, 'conflict');
    t.is(await other.head(), 1);
    t.is(await other.append([event('b')], 1), 2);
    t.is(await one.head(), 2);
    t.deepEqual(await textsOf(one), ['a', 'b']);
    await Promise.all([one.stop(), other.stop()]);
  });

  test('NATS log: events larger than a message of the server come back whole', async (t) => {
    const name = newName();
    const log = await openOn([theShared()], name);
    const payload = Buffer.alloc(3_500_000, 7);
    t.is(await log.append([event('small'), { atMs: 1, type: 'test', payload }], 0), 2);
    t.is(await log.append([event('last')], 2), 3);
    const sizes: number[] = [];
    for await (const stored of log.read(1)) sizes.push(stored.payload.byteLength);
    t.deepEqual(sizes, [5, 3_500_000, 4]);
    t.deepEqual(await textsOf(log, 3), ['last']);
    await log.stop();
  });

  test('NATS log: kill -9 of the server loses no acknowledged event', async (t) => {
    const server = await started(join(temporaryFolder(t), 'killed'));
    const log = await openOn([server], 'killed');
    for (let head = 0; head < 20; head++) await log.append([event(`${head}`)], head);
    await server.kill();
    const waiting = log.append([event('while it was away')], 20);
    await server.resume();
    t.is(await waiting, 21);
    t.is((await textsOf(log)).at(-1), 'while it was away');
    t.is((await textsOf(log)).length, 21);
    await log.stop();
  });

  test('NATS log: three servers go on without one of them', async (t) => {
    const { servers: cluster } = await startNatsCluster(temporaryFolder(t));
    t.teardown(() => Promise.all(cluster.map((server) => server.kill())));
    const log = await openOn(cluster, 'replicated', 3);
    t.teardown(() => log.stop());
    for (let head = 0; head < 10; head++) await log.append([event(`${head}`)], head);
    await cluster[0]?.kill();
    for (let head = 10; head < 20; head++) await log.append([event(`${head}`)], head);
    await cluster[0]?.resume();
    await cluster[1]?.kill();
    for (let head = 20; head < 30; head++) await log.append([event(`${head}`)], head);
    t.deepEqual(
      await textsOf(log),
      Array.from({ length: 30 }, (_, i) => `${i}`),
    );
  });

  test('NATS log: servers that are not there, and names that no stream has, are named', async (t) => {
    const port = await freePort();
    const options = { servers: [`127.0.0.1:${port}`], name: 'test', replicas: 1 } as const;
    const error = await t.throwsAsync(openNatsEventLog({ ...options, log: 'x' }), {
      instanceOf: EventLogError,
    });
    t.is(error?.code, 'storage');
    t.regex(error?.message ?? '', new RegExp(`127.0.0.1:${port}`));
    await t.throwsAsync(openNatsEventLog({ ...options, log: 'a.b' }), { instanceOf: RangeError });
  });
}
