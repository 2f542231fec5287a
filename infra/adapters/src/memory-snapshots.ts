// SnapshotStore in memory, for tests and simulations; it forgets when the process ends.

import { SNAPSHOTS_KEPT, type SnapshotStore, type StoredSnapshot } from '@starling/shared';
import { copied } from './copied.ts';
import { assertSnapshot } from './event-limits.ts';

export class MemorySnapshots implements SnapshotStore {
  #kept: readonly StoredSnapshot[];

  /** @param kept what an earlier store held, newest first */
  constructor(kept: readonly StoredSnapshot[] = []) {
    this.#kept = kept;
  }

  async list(): Promise<readonly number[]> {
    return this.#kept.map(({ seq }) => seq);
  }

  async read(seq: number): Promise<Uint8Array | undefined> {
    return this.#kept.find((each) => each.seq === seq)?.bytes;
  }

  async keep({ bytes, seq }: StoredSnapshot): Promise<void> {
    assertSnapshot(bytes);
    const others = this.#kept.filter((each) => each.seq !== seq);
    const all = [{ bytes: copied(bytes), seq }, ...others].sort((a, b) => b.seq - a.seq);
    this.#kept = all.slice(0, SNAPSHOTS_KEPT);
  }

  async stop(): Promise<void> {}
}
