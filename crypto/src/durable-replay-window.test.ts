import { type MemberId, type PeerStore, PeerStoreError, type PeerWrite } from '@starling/shared';
import test from 'ava';
import { DurableReplayWindow } from './durable-replay-window.ts';
import { REPLAY_SENDERS_MAX } from './replay-window.ts';

const memberOf = (value: number) => value.toString(16).padStart(64, '0') as MemberId;
const [alice, bob] = [memberOf(1), memberOf(2)];

/** Records in memory; writes wait for `letGo` while the gate is shut. */
class GatedStore implements Pick<PeerStore, 'entries' | 'write'> {
  readonly records = new Map<string, Uint8Array>();
  readonly batches: number[] = [];
  isFull = false;
  #gate = Promise.resolve();
  #open: () => void = () => undefined;

  shut(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#open = resolve;
  }

  letGo(): void {
    this.#open();
  }

  async *entries() {
    for (const [key, value] of this.records) yield { key, value };
  }

  async write(writes: readonly PeerWrite[]): Promise<void> {
    this.batches.push(writes.length);
    await this.#gate;
    if (this.isFull) throw new PeerStoreError('storage', 'no space left');
    for (const { key, value } of writes) {
      if (value === undefined) this.records.delete(key);
      else this.records.set(key, value);
    }
  }
}

const open = (store: GatedStore) => DurableReplayWindow.open(store as unknown as PeerStore);

test('after a restart, whatever was fresh or lay below is a replay; newer numbers are fresh', async (t) => {
  const store = new GatedStore();
  const window = await open(store);
  t.is(await window.check(alice, 50), 'fresh');
  t.is(await window.check(alice, 40), 'fresh');
  t.is(await window.check(alice, 40), 'duplicate');
  const again = await open(store);
  for (const seq of [0, 39, 40, 41, 50]) t.is(await again.check(alice, seq), 'replay');
  t.is(await again.check(alice, 51), 'fresh');
  t.is(await again.check(bob, 1), 'fresh');
});

test('nothing is fresh before it is on the disk, and what comes meanwhile shares a write', async (t) => {
  const store = new GatedStore();
  const window = await open(store);
  store.shut();
  const told: string[] = [];
  const first = window.check(alice, 5).then((verdict) => told.push(`alice ${verdict}`));
  await new Promise((resolve) => setImmediate(resolve));
  const others = [3, 6, 7, 8].flatMap((seq) => [
    window.check(alice, seq).then((verdict) => told.push(verdict)),
    window.check(bob, seq).then((verdict) => told.push(verdict)),
  ]);
  t.is(await window.check(alice, 5), 'duplicate');
  t.deepEqual(told, []);
  store.letGo();
  await Promise.all([first, ...others]);
  t.is(told.length, 9);
  t.deepEqual(store.batches, [1, 2]);
});

test('a disk that refuses makes no message fresh, and the next one brings its floor along', async (t) => {
  const store = new GatedStore();
  const window = await open(store);
  store.isFull = true;
  await t.throwsAsync(window.check(alice, 9), { instanceOf: PeerStoreError });
  store.isFull = false;
  t.is(await window.check(bob, 1), 'fresh');
  t.is(await (await open(store)).check(alice, 9), 'replay');
});

test('a bounded number of senders is remembered on the disk', async (t) => {
  const store = new GatedStore();
  const window = await open(store);
  for (let i = 0; i < REPLAY_SENDERS_MAX + 20; i++) await window.check(memberOf(i), 1);
  t.is(store.records.size, REPLAY_SENDERS_MAX);
});

test('a record that is no number stops the start', async (t) => {
  const store = new GatedStore();
  store.records.set(`replay/${alice}`, Uint8Array.of(0x61, 0x61));
  await t.throwsAsync(open(store));
});
