// SnapshotStore on NATS servers: whoever takes over begins where the former leader's snapshot ends.

import {
  EventLogError,
  SNAPSHOTS_KEPT,
  type SnapshotStore,
  type StoredSnapshot,
} from '@starling/shared';
import { assertSnapshot } from '../event-limits.ts';
import { patiently } from './log-stream.ts';
import type { NatsEventLogOptions } from './nats-event-log.ts';
import { openSideStream, type SideStream, storageError } from './nats-side-stream.ts';

/** Bytes of one message; servers take a megabyte unless they are told otherwise. */
const PART_BYTES = 256 * 1024;
const PUBLISH_TRIES = 12;
const PUBLISH_WITHIN_MS = 3_000;

/** @throws {EventLogError} `storage` */
export async function openNatsSnapshots(servers: NatsEventLogOptions): Promise<SnapshotStore> {
  return new NatsSnapshots(await openSideStream(servers, 'SNAPSHOTS'));
}

/** Parts lie at `<seq>.<part>`; `<seq>.whole` is written last and says how many there are. */
class NatsSnapshots implements SnapshotStore {
  readonly #stream: SideStream;

  constructor(stream: SideStream) {
    this.#stream = stream;
  }

  async list(): Promise<readonly number[]> {
    const { manager, name, prefix } = this.#stream;
    const whole = { subjects_filter: `${prefix}.*.whole` };
    const { state } = await guarded(() => patiently(() => manager.streams.info(name, whole)));
    return Object.keys(state.subjects ?? {})
      .map((subject) => Number(subject.slice(prefix.length + 1).split('.')[0]))
      .sort((a, b) => b - a);
  }

  async read(seq: number): Promise<Uint8Array | undefined> {
    return guarded(async () => {
      const whole = await this.#message(seq, 'whole');
      if (whole === undefined) return undefined;
      const count = Number(new TextDecoder().decode(whole));
      const parts: Uint8Array[] = [];
      for (let part = 0; part < count; part++) {
        const data = await this.#message(seq, String(part));
        if (data === undefined) return undefined;
        parts.push(data);
      }
      return new Uint8Array(Buffer.concat(parts));
    });
  }

  async keep({ bytes, seq }: StoredSnapshot): Promise<void> {
    assertSnapshot(bytes);
    await guarded(async () => {
      const count = Math.max(1, Math.ceil(bytes.byteLength / PART_BYTES));
      for (let part = 0; part < count; part++) {
        const data = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
        await this.#publish(seq, String(part), data);
      }
      await this.#publish(seq, 'whole', new TextEncoder().encode(String(count)));
    });
    const { manager, name, prefix } = this.#stream;
    const kept = new Set((await this.list()).slice(0, SNAPSHOTS_KEPT));
    // Also what a process that died left half written.
    const all = { subjects_filter: `${prefix}.*.0` };
    const { state } = await guarded(() => patiently(() => manager.streams.info(name, all)));
    for (const subject of Object.keys(state.subjects ?? {})) {
      const old = Number(subject.slice(prefix.length + 1).split('.')[0]);
      if (kept.has(old)) continue;
      const filter = `${prefix}.${old}.*`;
      await guarded(() => manager.streams.purge(name, { filter }));
    }
  }

  async stop(): Promise<void> {
    await this.#stream.connection.close();
  }

  async #message(seq: number, what: string): Promise<Uint8Array | undefined> {
    const { manager, name, prefix } = this.#stream;
    const query = { last_by_subj: `${prefix}.${seq}.${what}` };
    return (await patiently(() => manager.streams.getMessage(name, query)))?.data;
  }

  async #publish(seq: number, what: string, data: Uint8Array): Promise<void> {
    const { client, prefix } = this.#stream;
    const options = { retries: PUBLISH_TRIES, timeout: PUBLISH_WITHIN_MS };
    await client.publish(`${prefix}.${seq}.${what}`, data, options);
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof EventLogError) throw cause;
    throw storageError(cause);
  }
}
