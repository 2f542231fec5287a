import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemorySnapshots, openNatsSnapshots, openSqliteSnapshots } from '@starling/adapters';
import { EventLogError, type StoredSnapshot } from '@starling/shared';
import test, { type TestFn } from 'ava';
import { hasNatsServer, NatsServer } from './nats-servers.ts';
import { snapshotStoreContract } from './snapshot-store.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

snapshotStoreContract(test as TestFn, 'memory snapshots', async () => {
  const store = new MemorySnapshots();
  return {
    store,
    reopen: async () => {
      const kept: StoredSnapshot[] = [];
      for (const seq of await store.list()) {
        kept.push({ bytes: (await store.read(seq)) ?? new Uint8Array(), seq });
      }
      return new MemorySnapshots(kept);
    },
  };
});

snapshotStoreContract(test as TestFn, 'SQLite snapshots', async (t) => {
  const path = join(temporaryFolder(t), 'snapshots.sqlite');
  const store = openSqliteSnapshots(path);
  return {
    store,
    reopen: async () => {
      await store.stop();
      return openSqliteSnapshots(path);
    },
  };
});

test('SQLite snapshots: a file that is no database is replaced, since the log has everything', async (t) => {
  const path = join(temporaryFolder(t), 'snapshots.sqlite');
  await writeFile(path, 'not a database at all'.repeat(100));
  const store = openSqliteSnapshots(path);
  t.deepEqual(await store.list(), []);
  await store.keep({ bytes: Uint8Array.of(1), seq: 1 });
  t.deepEqual(await store.list(), [1]);
  t.throws(() => openSqliteSnapshots(path), { instanceOf: EventLogError, message: /in use/ });
  await store.stop();
});

if (!hasNatsServer) {
  test.skip('NATS snapshots: nats-server is not here (Debian: nats-server)', () => {});
} else {
  let home = '';
  let server: NatsServer | undefined;
  let logs = 0;
  test.before(async () => {
    home = await mkdtemp(join(tmpdir(), 'starling-snapshots-'));
    server = await NatsServer.start(home);
  });
  test.after.always(async () => {
    await server?.kill();
    await rm(home, { recursive: true, force: true });
  });

  snapshotStoreContract(test as TestFn, 'NATS snapshots', async () => {
    const servers = server === undefined ? [] : [server.address];
    const options = { log: `snapshots${logs++}`, name: 'test', replicas: 1, servers } as const;
    const store = await openNatsSnapshots(options);
    return {
      store,
      reopen: async () => {
        await store.stop();
        return openNatsSnapshots(options);
      },
    };
  });
}
