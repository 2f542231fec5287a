// What a coordinator offers, kept on NATS servers beside its log, so that whoever takes over has it.

import { payloadRef } from '@starling/crypto';
import {
  type Digest,
  digestSchema,
  type FetchOptions,
  PayloadError,
  type PayloadExchange,
  type PayloadRef,
} from '@starling/shared';
import { patiently } from './log-stream.ts';
import type { NatsEventLogOptions } from './nats-event-log.ts';
import { openSideStream, type SideStream } from './nats-side-stream.ts';

/** Bytes of one message; servers take a megabyte unless they are told otherwise. */
const PART_BYTES = 256 * 1024;
const PUBLISH_TRIES = 12;
const PUBLISH_WITHIN_MS = 3_000;

/**
 * An exchange whose offers are on the servers before they count; what others offer is still pulled
 * from them.
 * @throws {EventLogError} `storage`
 */
export async function openNatsPayloads(servers: NatsEventLogOptions): Promise<NatsPayloads> {
  return new NatsPayloads(await openSideStream(servers, 'PAYLOADS'));
}

/** Made by {@link openNatsPayloads}. */
export class NatsPayloads {
  readonly #stream: SideStream;

  constructor(stream: SideStream) {
    this.#stream = stream;
  }

  /** @param local serves to members what this process has */
  beside(local: PayloadExchange): PayloadExchange {
    return {
      offer: async (bytes) => {
        const ref = await local.offer(bytes);
        await guarded(() => this.#keep(ref, bytes));
        return ref;
      },
      fetch: async (ref, options) => {
        if (!(await local.has(ref))) {
          const kept = await guarded(() => this.#kept(ref));
          if (kept !== undefined) await local.offer(kept);
        }
        return local.fetch(ref, options satisfies FetchOptions);
      },
      has: (ref) => local.has(ref),
      retain: async (keep) => {
        await local.retain(keep);
        await guarded(() => this.#retain(keep));
      },
    };
  }

  /**
   * Has `local` serve whatever lies on the servers: members ask for the sum that a former leader
   * announced.
   * @throws {PayloadError} `storage`
   */
  async bringTo(local: PayloadExchange, signal: AbortSignal): Promise<void> {
    const roots = await guarded(() => this.#wholeRoots());
    for (const [root, parts] of roots) {
      if (signal.aborted) return;
      const last = await guarded(() => this.#part(root, parts - 1));
      if (last === undefined) continue;
      const ref = { bytes: (parts - 1) * PART_BYTES + last.byteLength, root };
      if (await local.has(ref)) continue;
      const kept = await guarded(() => this.#kept(ref));
      if (kept !== undefined) await local.offer(kept);
    }
  }

  async stop(): Promise<void> {
    await this.#stream.connection.close();
  }

  async #keep(ref: PayloadRef, bytes: Uint8Array): Promise<void> {
    const last = partsOf(ref) - 1;
    // Written in order: with its last part it is whole.
    if ((await this.#part(ref.root, last)) !== undefined) return;
    for (let part = 0; part <= last; part++) {
      const data = bytes.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
      await this.#stream.client.publish(this.#subject(ref.root, part), data, {
        retries: PUBLISH_TRIES,
        timeout: PUBLISH_WITHIN_MS,
      });
    }
  }

  async #kept(ref: PayloadRef): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for (let part = 0; part < partsOf(ref); part++) {
      const data = await this.#part(ref.root, part);
      if (data === undefined) return undefined;
      parts.push(data);
    }
    const bytes = new Uint8Array(Buffer.concat(parts));
    return payloadRef(bytes).root === ref.root ? bytes : undefined;
  }

  /** How many parts of each root are there. */
  async #wholeRoots(): Promise<Map<Digest, number>> {
    const { manager, name, prefix } = this.#stream;
    const all = { subjects_filter: `${prefix}.>` };
    const { state } = await patiently(() => manager.streams.info(name, all));
    const parts = new Map<Digest, number>();
    for (const subject of Object.keys(state.subjects ?? {})) {
      const root = digestSchema.parse(subject.slice(prefix.length + 1).split('.')[0]);
      parts.set(root, (parts.get(root) ?? 0) + 1);
    }
    return parts;
  }

  async #retain(keep: ReadonlySet<string>): Promise<void> {
    const { manager, name, prefix } = this.#stream;
    const firsts = { subjects_filter: `${prefix}.*.0` };
    const { state } = await patiently(() => manager.streams.info(name, firsts));
    for (const subject of Object.keys(state.subjects ?? {})) {
      const root = subject.slice(prefix.length + 1, -'.0'.length);
      if (keep.has(root)) continue;
      await manager.streams.purge(name, { filter: `${prefix}.${root}.*` });
    }
  }

  async #part(root: Digest, part: number): Promise<Uint8Array | undefined> {
    const { manager, name } = this.#stream;
    const query = { last_by_subj: this.#subject(root, part) };
    return (await patiently(() => manager.streams.getMessage(name, query)))?.data;
  }

  #subject(root: string, part: number): string {
    return `${this.#stream.prefix}.${root}.${part}`;
  }
}

function partsOf({ bytes }: PayloadRef): number {
  return Math.max(1, Math.ceil(bytes / PART_BYTES));
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new PayloadError('storage', `NATS: ${detail}`, { cause });
  }
}
