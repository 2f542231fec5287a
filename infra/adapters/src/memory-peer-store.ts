// PeerStore in memory, for tests and simulations; it forgets when the process ends.

import {
  type PeerRecord,
  type PeerStore,
  PeerStoreError,
  type PeerTable,
  type PeerWrite,
} from '@starling/shared';
import { copied } from './copied.ts';
import { assertWrites } from './record-limits.ts';

export class MemoryPeerStore implements PeerStore {
  readonly #tables = new Map<PeerTable, Map<string, Uint8Array>>();
  #isStopped = false;

  async get(table: PeerTable, key: string): Promise<Uint8Array | undefined> {
    this.#assertRunning();
    return copied(this.#table(table).get(key));
  }

  async *entries(table: PeerTable): AsyncIterable<PeerRecord> {
    this.#assertRunning();
    const keys = [...this.#table(table).keys()].sort(byUtf8);
    for (const key of keys) {
      this.#assertRunning();
      const value = this.#table(table).get(key);
      if (value !== undefined) yield { key, value: copied(value) };
    }
  }

  async count(table: PeerTable): Promise<number> {
    this.#assertRunning();
    return this.#table(table).size;
  }

  async write(writes: readonly PeerWrite[]): Promise<void> {
    this.#assertRunning();
    assertWrites(writes);
    for (const { table, key, value } of writes) {
      if (value === undefined) this.#table(table).delete(key);
      else this.#table(table).set(key, copied(value));
    }
  }

  async putIfAbsent(table: PeerTable, key: string, value: Uint8Array): Promise<Uint8Array> {
    this.#assertRunning();
    assertWrites([{ table, key, value }]);
    const standing = this.#table(table).get(key);
    if (standing !== undefined) return copied(standing);
    this.#table(table).set(key, copied(value));
    return copied(value);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
  }

  #table(name: PeerTable): Map<string, Uint8Array> {
    const table = this.#tables.get(name) ?? new Map<string, Uint8Array>();
    this.#tables.set(name, table);
    return table;
  }

  #assertRunning(): void {
    if (this.#isStopped) throw new PeerStoreError('stopped', 'the peer store was stopped');
  }
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
}
