// Backups of a federation that runs: what is destroyed comes back from them and goes on.

import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  backUpSite,
  LocalClient,
  RuntimeError,
  readLedger,
  restoreSite,
  runCoordinator,
  runPeer,
} from '@starling/runtime';
import test from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';
import { foundCoordinator, runRounds, smallFederation } from './small-federation.ts';

const PASSPHRASE = new TextEncoder().encode('a passphrase of backups');

test('a coordinator and a site come back from backups of their running folders, and rounds go on', async (t) => {
  const federation = await smallFederation(t);
  const { folder, home, peers, siteHomes } = federation;
  await runRounds(federation, 1);
  const [north = ''] = siteHomes;
  const before = await (await LocalClient.open(north)).peerStatus();
  const books = await (await LocalClient.open(home)).ledger();

  const files = { coordinator: join(folder, 'c.backup'), north: join(folder, 'n.backup') };
  t.true((await backUpSite(home, files.coordinator, PASSPHRASE, 1)).wasRunning);
  t.true((await backUpSite(north, files.north, PASSPHRASE, 1)).wasRunning);
  const payloads = (await readdir(join(home, 'payloads'))).sort();
  t.true(payloads.length > 0);
  await federation.coordinator.stop();
  await peers[0]?.stop();
  await rm(home, { recursive: true });
  await rm(north, { recursive: true });

  t.is((await restoreSite(files.coordinator, home, PASSPHRASE)).name, 'flock');
  t.is((await restoreSite(files.north, north, PASSPHRASE)).member, before.member);
  t.deepEqual((await readdir(join(home, 'payloads'))).sort(), payloads);
  federation.coordinator = await runCoordinator(home);
  peers[0] = await runPeer(north);
  t.deepEqual((await (await LocalClient.open(home)).ledger()).balances, books.balances);
  t.deepEqual((await (await LocalClient.open(north)).peerStatus()).documents, before.documents);
  await runRounds(federation, 2);
  await federation.coordinator.stop();
  t.deepEqual((await readLedger(home)).problems, []);
});

test('a folder that does not run is backed up too, its stores locked meanwhile', async (t) => {
  const folder = temporaryFolder(t);
  const home = await foundCoordinator(folder);
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
  const home = await foundCoordinator(folder);
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
  const home = await foundCoordinator(folder);
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
