// What every SnapshotStore keeps. Registers its tests for one adapter.

import {
  equalBytes,
  SNAPSHOTS_KEPT,
  type SnapshotStore,
  STORED_SNAPSHOT_BYTES_MAX,
} from '@starling/shared';
import type { ExecutionContext, TestFn } from 'ava';

/** A store that starts empty; `reopen` stops it and opens the same one again. */
export interface SnapshotStoreUnderTest {
  readonly store: SnapshotStore;
  reopen(): Promise<SnapshotStore>;
}

export function snapshotStoreContract(
  test: TestFn,
  adapter: string,
  create: (t: ExecutionContext) => Promise<SnapshotStoreUnderTest>,
): void {
  test(`${adapter}: a snapshot comes back byte for byte, whatever its size`, async (t) => {
    const { store } = await create(t);
    t.deepEqual(await store.list(), []);
    t.is(await store.read(1), undefined);
    for (const [i, size] of [0, 1, 256 * 1024, 700_001].entries()) {
      const bytes = new Uint8Array(size).map((_, at) => at % 251);
      await store.keep({ bytes, seq: i + 1 });
      t.true(equalBytes((await store.read(i + 1)) ?? Uint8Array.of(9), bytes));
    }
    await store.stop();
  });

  test(`${adapter}: the newest ${SNAPSHOTS_KEPT} are kept, newest first`, async (t) => {
    const { store } = await create(t);
    for (const seq of [9, 10, 100, 50]) await store.keep({ bytes: Uint8Array.of(seq), seq });
    t.deepEqual(await store.list(), [100, 50]);
    t.is(await store.read(10), undefined);
    await store.stop();
  });

  test(`${adapter}: a snapshot of the same event takes the place of the former`, async (t) => {
    const { store } = await create(t);
    await store.keep({ bytes: new Uint8Array(600_000), seq: 4 });
    await store.keep({ bytes: Uint8Array.of(7), seq: 4 });
    t.deepEqual([...((await store.read(4)) ?? [])], [7]);
    t.deepEqual(await store.list(), [4]);
    await store.stop();
  });

  test(`${adapter}: snapshots outlive the process that kept them`, async (t) => {
    const { reopen, store } = await create(t);
    await store.keep({ bytes: Uint8Array.of(1, 2, 3), seq: 12 });
    const again = await reopen();
    t.deepEqual(await again.list(), [12]);
    t.deepEqual([...((await again.read(12)) ?? [])], [1, 2, 3]);
    await again.stop();
  });

  test(`${adapter}: a snapshot over the limit is refused`, async (t) => {
    const { store } = await create(t);
    const bytes = { byteLength: STORED_SNAPSHOT_BYTES_MAX + 1 } as Uint8Array;
    await t.throwsAsync(store.keep({ bytes, seq: 1 }), { instanceOf: RangeError });
    await store.stop();
  });
}
