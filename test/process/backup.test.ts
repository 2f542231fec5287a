// Backups of a federation that runs: what is destroyed comes back from them and goes on.

import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  addDocumentsOffline,
  backUpSite,
  createCoordinator,
  createSiteFolder,
  joinSite,
  LocalClient,
  RuntimeError,
  readLedger,
  restoreSite,
  runCoordinator,
  runPeer,
} from '@starling/runtime';
import test, { type ExecutionContext } from 'ava';
import { freePort } from '../contracts/nats-servers.ts';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { documentsOf, lightTask } from './chain-federation.ts';
import { until } from './launched.ts';

const SITES = ['north', 'south', 'east'];
const PASSPHRASE = new TextEncoder().encode('a passphrase of backups');

async function foundCoordinator(t: ExecutionContext, folder = temporaryFolder(t)) {
  const home = join(folder, 'coordinator');
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`];
  await createCoordinator({ home, listen, logLevel: 'error', name: 'flock', task: lightTask() });
  return home;
}

async function versionOf(home: string): Promise<number> {
  return (await (await LocalClient.open(home)).peerStatus()).model.version;
}

const everyoneHas = (homes: readonly string[], version: number) =>
  until(`every site has version ${version}`, async () => {
    const versions = await Promise.all(homes.map(versionOf));
    return versions.every((each) => each === version) || undefined;
  });

test('a coordinator and a site come back from backups of their running folders, and rounds go on', async (t) => {
  const folder = temporaryFolder(t);
  const home = await foundCoordinator(t, folder);
  let coordinator = await runCoordinator(home);
  t.teardown(() => coordinator.stop());
  const homes: string[] = [];
  const peers: Awaited<ReturnType<typeof runPeer>>[] = [];
  t.teardown(() => Promise.all(peers.map((peer) => peer.stop())));
  for (const [i, site] of SITES.entries()) {
    const siteHome = join(folder, site);
    const listen = ['/ip4/127.0.0.1/tcp/0'];
    await createSiteFolder(siteHome, {
      ...{ listen, logLevel: 'error', version: 1, role: 'peer', site },
    });
    await joinSite(siteHome, await (await LocalClient.open(home)).invite(site));
    await addDocumentsOffline(siteHome, documentsOf(i));
    peers.push(await runPeer(siteHome));
    homes.push(siteHome);
  }
  await (await LocalClient.open(home)).planRounds(1, SITES.length);
  await everyoneHas(homes, 1);
  const [north = ''] = homes;
  const before = await (await LocalClient.open(north)).peerStatus();
  const books = await (await LocalClient.open(home)).ledger();

  const backups = {
    coordinator: join(folder, 'coordinator.backup'),
    north: join(folder, 'n.backup'),
  };
  t.true((await backUpSite(home, backups.coordinator, PASSPHRASE, 1)).wasRunning);
  t.true((await backUpSite(north, backups.north, PASSPHRASE, 1)).wasRunning);
  await coordinator.stop();
  await peers[0]?.stop();
  await rm(home, { recursive: true });
  await rm(north, { recursive: true });

  t.is((await restoreSite(backups.coordinator, home, PASSPHRASE)).name, 'flock');
  t.is((await restoreSite(backups.north, north, PASSPHRASE)).member, before.member);
  coordinator = await runCoordinator(home);
  peers[0] = await runPeer(north);
  t.deepEqual((await (await LocalClient.open(home)).ledger()).balances, books.balances);
  t.deepEqual((await (await LocalClient.open(north)).peerStatus()).documents, before.documents);
  await (await LocalClient.open(home)).planRounds(2, SITES.length);
  await everyoneHas(homes, 2);
  await coordinator.stop();
  t.deepEqual((await readLedger(home)).problems, []);
});

test('a folder that does not run is backed up too, its stores locked meanwhile', async (t) => {
  const folder = temporaryFolder(t);
  const home = await foundCoordinator(t, folder);
  const file = join(folder, 'one.backup');
  const { files, wasRunning } = await backUpSite(home, file, PASSPHRASE, 1);
  t.false(wasRunning);
  t.is(files, 4, 'config, two keys, the log');
  t.is((await stat(file)).mode & 0o777, 0o600);
  const other = join(folder, 'other');
  await restoreSite(file, other, PASSPHRASE);
  t.deepEqual(await readLedger(other), await readLedger(home));
});

test('a backup overwrites nothing, and opens with its passphrase alone', async (t) => {
  const folder = temporaryFolder(t);
  const home = await foundCoordinator(t, folder);
  const file = join(folder, 'one.backup');
  await backUpSite(home, file, PASSPHRASE, 1);
  const refused = async (action: Promise<unknown>, code: RuntimeError['code']) =>
    t.is((await t.throwsAsync(action, { instanceOf: RuntimeError }))?.code, code);
  await refused(backUpSite(home, file, PASSPHRASE, 1), 'invalid-option');
  await refused(restoreSite(file, home, PASSPHRASE), 'folder-exists');
  const other = join(folder, 'other');
  const wrong = new TextEncoder().encode('another passphrase');
  await refused(restoreSite(file, other, wrong), 'wrong-passphrase');
  await refused(backUpSite(home, join(folder, 'two'), wrong.subarray(0, 3), 1), 'invalid-option');
});

test('a backup that was cut off or changed is refused and leaves no half a folder', async (t) => {
  const folder = temporaryFolder(t);
  const home = await foundCoordinator(t, folder);
  const file = join(folder, 'one.backup');
  await backUpSite(home, file, PASSPHRASE, 1);
  const bytes = await readFile(file);
  const changed = Buffer.from(bytes);
  changed[bytes.byteLength - 100] = (changed[bytes.byteLength - 100] ?? 0) ^ 1;
  const renamed = Buffer.from(bytes.toString('latin1').replace('flock', 'fl0ck'), 'latin1');
  const other = join(folder, 'other');
  for (const damaged of [changed, renamed, bytes.subarray(0, -1), bytes.subarray(0, 900)]) {
    await writeFile(join(folder, 'damaged'), damaged);
    const restoring = restoreSite(join(folder, 'damaged'), other, PASSPHRASE);
    await t.throwsAsync(restoring, { instanceOf: RuntimeError, code: 'invalid-option' });
    await t.throwsAsync(readFile(join(other, 'config.json')));
  }
});
