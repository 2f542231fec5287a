// PayloadExchange over any bus and a folder.

import { payloadLeaves, payloadRootFromLeaves } from '@starling/crypto';
import {
  type Cancel,
  type FetchOptions,
  type Logger,
  type MessageBus,
  type Meter,
  NO_LOGGER,
  NO_METER,
  PAYLOAD_BYTES_MAX,
  PayloadError,
  type PayloadExchange,
  type PayloadRef,
} from '@starling/shared';
import { copied } from './copied.ts';
import { PayloadCache } from './payload-cache.ts';
import { PayloadDownload, type PayloadDownloadOptions } from './payload-download.ts';
import { PayloadFolder } from './payload-folder.ts';
import { servePayloads } from './payload-server.ts';

export interface PayloadExchangeDependencies {
  readonly bus: MessageBus;
  /** Payloads lie here, one to three files each. */
  readonly folder: string;
  readonly logger?: Logger;
  readonly meter?: Meter;
}

export interface PayloadExchangeOptions extends PayloadDownloadOptions {
  /** Bytes of recently served payloads that stay in memory. */
  readonly cacheBytesMax: number;
}

export const PAYLOAD_EXCHANGE_DEFAULTS: PayloadExchangeOptions = Object.freeze({
  chunksInFlightMax: 8,
  requestTimeoutMs: 30_000,
  cacheBytesMax: 128 * 1024 * 1024,
});

/** Opens the folder and begins to serve what lies in it. @throws {PayloadError} `storage` */
export async function openPayloadExchange(
  dependencies: PayloadExchangeDependencies,
  options: Partial<PayloadExchangeOptions> = {},
): Promise<BusPayloadExchange> {
  const settings = { ...PAYLOAD_EXCHANGE_DEFAULTS, ...options };
  if (!(settings.chunksInFlightMax >= 1))
    throw new RangeError('chunksInFlightMax >= 1 is violated');
  const folder = new PayloadFolder(dependencies.folder);
  await stored(() => folder.open());
  return new BusPayloadExchange(dependencies, folder, settings);
}

/** Made by {@link openPayloadExchange}. */
export class BusPayloadExchange implements PayloadExchange {
  readonly #bus: MessageBus;
  readonly #folder: PayloadFolder;
  readonly #options: PayloadExchangeOptions;
  readonly #logger: Logger;
  readonly #meter: Meter;
  readonly #cache: PayloadCache;
  readonly #unserve: Cancel;
  readonly #stopping = new AbortController();
  /** The last work on each root: a second call waits, then finds what the first one brought. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(
    { bus, logger, meter }: PayloadExchangeDependencies,
    folder: PayloadFolder,
    options: PayloadExchangeOptions,
  ) {
    this.#bus = bus;
    this.#folder = folder;
    this.#options = options;
    this.#logger = logger ?? NO_LOGGER;
    this.#meter = meter ?? NO_METER;
    this.#cache = new PayloadCache(options.cacheBytesMax);
    this.#unserve = servePayloads({ bus, folder, cache: this.#cache, meter: this.#meter });
  }

  async offer(bytes: Uint8Array): Promise<PayloadRef> {
    assertSize(bytes.byteLength);
    const copy = copied(bytes);
    const leaves = payloadLeaves(copy);
    const root = payloadRootFromLeaves(leaves, copy.byteLength);
    const ref: PayloadRef = { bytes: copy.byteLength, root };
    await this.#alone(root, async () => {
      if (!(await this.#folder.has(ref))) {
        await stored(() => this.#folder.write(ref, copy, leaves));
      }
      this.#cache.put(root, copy);
    });
    return ref;
  }

  async fetch(ref: PayloadRef, options: FetchOptions): Promise<Uint8Array> {
    assertSize(ref.bytes);
    const signal = AbortSignal.any([
      this.#stopping.signal,
      ...(options.signal === undefined ? [] : [options.signal]),
    ]);
    return this.#alone(ref.root, async () => {
      const local = await this.#local(ref);
      if (local !== undefined) return local;
      if (signal.aborted) {
        throw new PayloadError('unavailable', 'the fetch was aborted', { cause: signal.reason });
      }
      const dependencies = {
        bus: this.#bus,
        folder: this.#folder,
        logger: this.#logger,
        meter: this.#meter,
      };
      const download = new PayloadDownload(dependencies, this.#options, ref);
      return stored(() => download.run(options.providers, signal));
    });
  }

  async has(ref: PayloadRef): Promise<boolean> {
    return stored(() => this.#folder.has(ref));
  }

  async retain(keep: ReadonlySet<string>): Promise<void> {
    for (const root of await stored(() => this.#folder.roots())) {
      if (keep.has(root)) continue;
      await this.#alone(root, async () => {
        this.#cache.delete(root);
        await stored(() => this.#folder.remove(root));
      });
    }
  }

  /** Stops serving and gives up what is being fetched; everything stored stays. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#unserve();
    this.#stopping.abort(new PayloadError('unavailable', 'the payload exchange was stopped'));
    await Promise.allSettled(this.#busy.values());
  }

  async #local(ref: PayloadRef): Promise<Uint8Array | undefined> {
    const cached = this.#cache.get(ref.root);
    if (cached?.byteLength === ref.bytes) return copied(cached);
    return stored(() => this.#folder.read(ref));
  }

  /** Work on one root is done one after the other. */
  async #alone<T>(root: string, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(root);
    const mine = (async () => {
      await before?.catch(() => undefined);
      return work();
    })();
    this.#busy.set(root, mine);
    try {
      return await mine;
    } finally {
      if (this.#busy.get(root) === mine) this.#busy.delete(root);
    }
  }
}

function assertSize(bytes: number): void {
  if (bytes <= PAYLOAD_BYTES_MAX) return;
  const message = `a payload has at most ${PAYLOAD_BYTES_MAX} bytes, this one ${bytes}`;
  throw new PayloadError('too-large', message);
}

async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PayloadError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new PayloadError('storage', message, { cause });
  }
}
