// Two coordinators of one federation as processes, their log on a NATS server: the one that leads is
// killed in the middle of a masked round, the other goes on with it.

import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openNatsEventLog } from '@starling/adapters';
import { decodeEvent, type FederationState, foldEvent } from '@starling/rules';
import {
  addDocumentsOffline,
  createCoordinator,
  createSiteFolder,
  demoTask,
  joinSite,
  LocalClient,
  readLedger,
  runPeer,
} from '@starling/runtime';
import test, { type ExecutionContext } from 'ava';
import { freePort, hasNatsServer, NatsServer } from '../contracts/nats-servers.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { documentsOf, lightTask } from './chain-federation.ts';
import { type Launched, launch, until } from './launched.ts';

const SITES = ['north', 'south', 'east'];
const LEASE_MS = 1_000;

interface Machine {
  readonly home: string;
  readonly process: Launched;
}

interface Place {
  readonly server: string;
  readonly machines: readonly [Machine, Machine];
}

async function listenOn(home: string, port: number): Promise<void> {
  const path = join(home, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8'));
  const listen = [`/ip4/127.0.0.1/tcp/${port}`];
  await writeFile(path, JSON.stringify({ ...config, listen }));
}

/** A founded federation on two machines: the second has the first one's folder. */
async function foundTwice(t: ExecutionContext): Promise<Place> {
  const folder = temporaryFolder(t);
  const server = await NatsServer.start(join(folder, 'server'));
  t.teardown(() => server.kill());
  const ports = [await freePort(), await freePort()] as const;
  const homes = [join(folder, 'one'), join(folder, 'other')] as const;
  await createCoordinator({
    announce: ports.map((port) => `/ip4/127.0.0.1/tcp/${port}`),
    home: homes[0],
    listen: ['/ip4/127.0.0.1/tcp/0'],
    log: { leaseMs: LEASE_MS, servers: [server.address] },
    logLevel: 'info',
    name: 'flock',
    task: { ...lightTask(), aggregation: demoTask(1).aggregation },
  });
  await cp(homes[0], homes[1], { recursive: true });
  for (const [i, home] of homes.entries()) await listenOn(home, ports[i] ?? 0);
  const start = async (home: string) => ({ home, process: await started(t, home) });
  return { server: server.address, machines: [await start(homes[0]), await start(homes[1])] };
}

/** Resolves when it leads or stands by. */
async function started(t: ExecutionContext, home: string): Promise<Launched> {
  const process = launch(t, ['coordinator', 'start', '--home', home, '--format', 'json']);
  await until(`${home} runs`, () => process.stdout().includes('pid') || undefined);
  return process;
}

async function startSites(t: ExecutionContext, leader: LocalClient): Promise<LocalClient[]> {
  const folder = temporaryFolder(t);
  const clients: LocalClient[] = [];
  for (const [i, site] of SITES.entries()) {
    const home = join(folder, site);
    const listen = ['/ip4/127.0.0.1/tcp/0'];
    await createSiteFolder(home, { listen, logLevel: 'error', version: 1, role: 'peer', site });
    await joinSite(home, await leader.invite(site));
    await addDocumentsOffline(home, documentsOf(i));
    const peer = await runPeer(home);
    t.teardown(() => peer.stop());
    clients.push(await LocalClient.open(home));
  }
  return clients;
}

async function status(home: string): Promise<string> {
  try {
    await (await LocalClient.open(home)).coordinatorStatus();
    return 'leads';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The fold of the log as it stands, and the types of its events. */
async function readLog(server: string, home: string) {
  const { log } = JSON.parse(await readFile(join(home, 'config.json'), 'utf8'));
  const options = { log: log.stream, name: 'test', replicas: 1, servers: [server] } as const;
  const eventLog = await openNatsEventLog({ ...options, mustExist: true });
  return {
    look: async () => {
      let state: FederationState | undefined;
      const types: string[] = [];
      for await (const stored of eventLog.read(1)) {
        const event = decodeEvent(stored);
        types.push(event.type);
        state = foldEvent(state, event);
      }
      return { state, types };
    },
    stop: () => eventLog.stop(),
  };
}

if (!hasNatsServer) {
  test.skip('stand-by: nats-server is not here (Debian: nats-server)', () => {});
} else {
  test.serial(
    'a leader that was stopped for longer than its lease stands by when it wakes',
    async (t) => {
      const { machines, server } = await foundTwice(t);
      const [one, other] = machines;
      const log = await readLog(server, one.home);
      t.teardown(() => log.stop());
      one.process.kill('SIGSTOP');
      await until(
        'the other leads',
        async () => (await status(other.home)) === 'leads' || undefined,
      );
      one.process.kill('SIGCONT');
      await until('the first stands by', async () => {
        return (await status(one.home)).startsWith('stands by') || undefined;
      });
      const { state, types } = await log.look();
      t.is(types.filter((each) => each === 'leadership-taken').length, 2);
      t.true((state?.leadership ?? 0) > 1);
      other.process.kill('SIGTERM');
      await until('the first leads', async () => (await status(one.home)) === 'leads' || undefined);
      t.deepEqual((await readLedger(one.home)).problems, []);
    },
  );

  // A session's second announcement has the masked vectors asked for, its fourth the secrets opened.
  for (const [phase, announced] of [
    ['mask their vectors', 2],
    ['open secrets', 4],
  ] as const) {
    test.serial(`kill -9 of the leader while sites ${phase}: the stand-by goes on`, async (t) => {
      t.timeout(120_000);
      const { machines, server } = await foundTwice(t);
      const [one, other] = machines;
      const leader = await LocalClient.open(one.home);
      await t.throwsAsync((await LocalClient.open(other.home)).coordinatorStatus(), {
        message: /stands by: .* leads; the log at 127\.0\.0\.1:\d+ is followed up to event/,
      });
      const sites = await startSites(t, leader);
      const log = await readLog(server, one.home);
      t.teardown(() => log.stop());
      const happened = (type: string, count: number) =>
        until(`${count} × ${type}`, async () => {
          const { types } = await log.look();
          return types.filter((each) => each === type).length >= count || undefined;
        });
      await leader.planRounds(1, SITES.length);
      await happened('session-announced', announced);
      one.process.kill('SIGKILL');
      await happened('leadership-taken', 2);
      await happened('version-finalised', 1);
      const { state, types } = await log.look();
      const once = ['round-opened', 'session-opened', 'aggregate-published', 'version-finalised'];
      t.deepEqual(
        types.filter((each) => once.includes(each)),
        once,
        'one round of one session: no secret was lost with the machine',
      );
      const model = state?.versions.at(-1)?.model.root;
      await until('every site has the model', async () => {
        const statuses = await Promise.all(sites.map((site) => site.peerStatus()));
        return statuses.every((status) => status.model.root === model) || undefined;
      });
      t.deepEqual((await readLedger(other.home)).problems, []);
    });
  }
}
