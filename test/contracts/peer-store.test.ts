import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryPeerStore, openSqlitePeerStore, PEER_STORE_FILE } from '@starling/adapters';
import { PEER_TABLES, type PeerStore, PeerStoreError } from '@starling/shared';
import test, { type TestFn } from 'ava';
import { runUntilKilled } from './killed-child.ts';
import { peerStoreContract } from './peer-store.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

peerStoreContract(test as TestFn, 'memory store', async () => {
  const store = new MemoryPeerStore();
  return { store, reopen: async () => copyOf(store) };
});

peerStoreContract(test as TestFn, 'SQLite store', async (t) => {
  const folder = temporaryFolder(t);
  const store = openSqlitePeerStore(folder);
  return {
    store,
    reopen: async () => {
      await store.stop();
      return openSqlitePeerStore(folder);
    },
  };
});

async function copyOf(store: MemoryPeerStore): Promise<PeerStore> {
  const copy = new MemoryPeerStore();
  for (const table of PEER_TABLES) {
    for await (const { key, value } of store.entries(table)) {
      await copy.write([{ table, key, value }]);
    }
  }
  return copy;
}

test('SQLite store: writes of one event-loop turn share one transaction', async (t) => {
  const store = openSqlitePeerStore(temporaryFolder(t));
  const before = store.commits;
  const value = new Uint8Array(10);
  const keys = Array.from({ length: 100 }, (_, i) => `k${i}`);
  await Promise.all(keys.map((key) => store.write([{ table: 'state', key, value }])));
  t.is(store.commits - before, 1);
  t.is(await store.count('state'), 100);
  await store.stop();
});

test('SQLite store: a second process on the same folder is refused', async (t) => {
  const folder = temporaryFolder(t);
  const store = openSqlitePeerStore(folder);
  const error = t.throws(() => openSqlitePeerStore(folder), { instanceOf: PeerStoreError });
  t.is(error?.code, 'in-use');
  await store.stop();
  await openSqlitePeerStore(folder).stop();
});

test('SQLite store: a flipped byte is found and named corrupt', async (t) => {
  const folder = temporaryFolder(t);
  const store = openSqlitePeerStore(folder);
  await store.write([{ table: 'state', key: 'k', value: Buffer.from('the needle') }]);
  await store.stop();
  const path = join(folder, PEER_STORE_FILE);
  const file = readFileSync(path);
  const at = file.indexOf('the needle');
  t.true(at > 0);
  file[at] = (file[at] ?? 0) ^ 4;
  writeFileSync(path, file);
  const damaged = openSqlitePeerStore(folder);
  const error = await t.throwsAsync(damaged.get('state', 'k'), { instanceOf: PeerStoreError });
  t.is(error?.code, 'corrupt');
  await damaged.stop();
});

test('SQLite store: kill -9 loses no acknowledged record', async (t) => {
  const folder = temporaryFolder(t);
  for (const count of [5, 37, 20]) {
    const acknowledged = await runUntilKilled('write-until-killed.ts', [folder], count);
    const store = openSqlitePeerStore(folder);
    const keys: number[] = [];
    for await (const { key } of store.entries('vote')) keys.push(Number(key));
    t.true(keys.length > acknowledged, `${keys.length} of ${acknowledged + 1} are there`);
    t.true(keys.every((key, i) => key === i));
    await store.stop();
  }
});
