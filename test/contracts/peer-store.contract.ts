// What every PeerStore keeps. Registers its tests for one adapter.

import { type PeerStore, PeerStoreError, type PeerTable, RECORD_BYTES_MAX } from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';

/** A store that starts empty; `reopen` stops it and opens the same one again. */
export interface PeerStoreUnderTest {
  readonly store: PeerStore;
  reopen(): Promise<PeerStore>;
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

async function keysOf(store: PeerStore, table: PeerTable): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.entries(table)) keys.push(key);
  return keys;
}

export function peerStoreContract(
  test: TestFn,
  adapter: string,
  create: (t: ExecutionContext) => Promise<PeerStoreUnderTest>,
): void {
  test(`${adapter}: tables are apart, later writes win, undefined deletes`, async (t) => {
    const { store } = await create(t);
    await store.write([
      { table: 'state', key: 'k', value: bytes('1') },
      { table: 'vote', key: 'k', value: bytes('2') },
      { table: 'state', key: 'k', value: bytes('3') },
    ]);
    t.is(text(await store.get('state', 'k')), '3');
    t.is(text(await store.get('vote', 'k')), '2');
    t.is(await store.get('document', 'k'), undefined);
    await store.write([{ table: 'state', key: 'k', value: undefined }]);
    t.is(await store.count('state'), 0);
    t.is(await store.count('vote'), 1);
    await store.stop();
  });

  test(`${adapter}: entries come in the order of their keys' UTF-8 bytes`, async (t) => {
    const { store } = await create(t);
    // UTF-16 order would put the last two the other way round.
    const keys = [...Array.from({ length: 70 }, (_, i) => `a${String(i).padStart(3, '0')}`)];
    keys.push('é', '\u{ffe6}', '\u{1f426}');
    const value = bytes('v');
    await store.write(keys.toReversed().map((key) => ({ table: 'document', key, value })));
    t.deepEqual(await keysOf(store, 'document'), keys);
    await store.stop();
  });

  test(`${adapter}: of votes cast together, one stands and all casters learn it`, async (t) => {
    const { store } = await create(t);
    const standing = await Promise.all(
      ['yes', 'no', 'yes'].map((vote) => store.putIfAbsent('vote', 'round 1', bytes(vote))),
    );
    t.is(new Set(standing.map(text)).size, 1);
    t.is(text(await store.putIfAbsent('vote', 'round 1', bytes('late'))), text(standing[0]));
    await store.stop();
  });

  test(`${adapter}: what was written is there after reopening`, async (t) => {
    const subject = await create(t);
    await subject.store.write([{ table: 'version', key: '7', value: bytes('model') }]);
    await subject.store.putIfAbsent('vote', 'v', bytes('yes'));
    const store = await subject.reopen();
    t.is(text(await store.get('version', '7')), 'model');
    t.is(text(await store.putIfAbsent('vote', 'v', bytes('no'))), 'yes');
    await store.stop();
  });

  test(`${adapter}: a write that is refused writes nothing`, async (t) => {
    const { store } = await create(t);
    const refused = store.write([
      { table: 'state', key: 'small', value: bytes('1') },
      { table: 'state', key: 'large', value: new Uint8Array(RECORD_BYTES_MAX + 1) },
    ]);
    const error = await t.throwsAsync(refused, { instanceOf: PeerStoreError });
    t.is(error?.code, 'too-large');
    t.is(await store.count('state'), 0);
    await store.stop();
  });

  test(`${adapter}: values are the store's own`, async (t) => {
    const { store } = await create(t);
    const value = bytes('before');
    const written = store.write([{ table: 'state', key: 'k', value }]);
    value.fill(0);
    await written;
    const read = await store.get('state', 'k');
    t.is(text(read), 'before');
    read?.fill(0);
    t.is(text(await store.get('state', 'k')), 'before');
    await store.stop();
  });

  test(`${adapter}: a stopped store says so`, async (t) => {
    const { store } = await create(t);
    await store.stop();
    await store.stop();
    const error = await t.throwsAsync(store.count('state'), { instanceOf: PeerStoreError });
    t.is(error?.code, 'stopped');
  });
}
