// One payload on its way in. Providers are asked one after the other; whatever one of them brought
// stays, and the next is asked only for what is missing.

import {
  BusError,
  type Logger,
  type MessageBus,
  type Meter,
  PayloadError,
  type PayloadRef,
  type TransportId,
} from '@starling/shared';
import type { PartialFile, PayloadFolder } from './payload-folder.ts';
import {
  CHUNK_PROTOCOL,
  chunkCount,
  chunkRange,
  decodeManifest,
  encodeChunkRequest,
  encodeManifestRequest,
  isChunkOf,
  type Leaves,
  MANIFEST_BYTES_MAX,
  MANIFEST_PROTOCOL,
  splitLeaves,
} from './payload-protocol.ts';

export interface PayloadDownloadDependencies {
  readonly bus: MessageBus;
  readonly folder: PayloadFolder;
  readonly logger: Logger;
  readonly meter: Meter;
}

export interface PayloadDownloadOptions {
  /** Chunks asked of one provider at once. */
  readonly chunksInFlightMax: number;
  /** A provider that needs longer for one answer has failed. */
  readonly requestTimeoutMs: number;
}

/** How a provider failed: it is away, it does not have the payload, or it sent something else. */
type ProviderFailure = 'away' | 'unknown' | 'lying';

export class PayloadDownload {
  readonly #dependencies: PayloadDownloadDependencies;
  readonly #options: PayloadDownloadOptions;
  readonly #ref: PayloadRef;
  readonly #failures: ProviderFailure[] = [];
  #leaves: Leaves | undefined;
  #bytes = new Uint8Array(0);
  readonly #missing = new Set<number>();

  constructor(
    dependencies: PayloadDownloadDependencies,
    options: PayloadDownloadOptions,
    ref: PayloadRef,
  ) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.#ref = ref;
  }

  /**
   * Pulls what is missing and returns the whole payload, which is then also in the folder.
   * @throws {PayloadError}
   */
  async run(providers: readonly TransportId[], signal: AbortSignal): Promise<Uint8Array> {
    const { folder } = this.#dependencies;
    const isEmpty = this.#ref.bytes === 0;
    const stored = isEmpty ? splitLeaves(this.#ref, EMPTY) : await folder.leaves(this.#ref);
    if (stored !== undefined) this.#take(stored);
    let file: PartialFile | undefined;
    try {
      if (stored !== undefined) file = await this.#resume();
      for (const provider of providers) {
        if (this.#isWhole() || signal.aborted) break;
        if (this.#leaves === undefined && !(await this.#manifest(provider, signal))) continue;
        file ??= await folder.openPartial(this.#ref);
        await this.#pull(provider, file, signal);
      }
      if (!this.#isWhole() || file === undefined) throw this.#failed(signal);
      await file.finish();
      return this.#bytes;
    } finally {
      await file?.close();
    }
  }

  #isWhole(): boolean {
    return this.#leaves !== undefined && this.#missing.size === 0;
  }

  /** Accepts verified leaves; only now is memory for the payload taken. */
  #take(leaves: Leaves): void {
    this.#leaves = leaves;
    this.#bytes = new Uint8Array(this.#ref.bytes);
    for (let index = 0; index < chunkCount(this.#ref); index++) this.#missing.add(index);
  }

  async #resume(): Promise<PartialFile> {
    const file = await this.#dependencies.folder.openPartial(this.#ref);
    await file.eachStored((index, chunk) => {
      if (!isChunkOf(this.#leaves?.[index], chunk)) return;
      this.#bytes.set(chunk, chunkRange(this.#ref, index).start);
      this.#missing.delete(index);
    });
    return file;
  }

  /** Asks for the leaves; false when this provider is of no use. */
  async #manifest(provider: TransportId, signal: AbortSignal): Promise<boolean> {
    const request = encodeManifestRequest(this.#ref);
    const answer = await this.#ask(
      provider,
      MANIFEST_PROTOCOL,
      request,
      MANIFEST_BYTES_MAX,
      signal,
    );
    if (answer === undefined) return this.#note(provider, 'away');
    const leaves = decodeManifest(this.#ref, answer);
    if (!leaves.ok) return this.#note(provider, 'lying');
    if (leaves.value === undefined) return this.#note(provider, 'unknown');
    this.#take(leaves.value);
    await this.#dependencies.folder.writeLeaves(this.#ref, leaves.value);
    return true;
  }

  /** Asks `provider` for every missing chunk, several at once, until it fails. */
  async #pull(provider: TransportId, file: PartialFile, signal: AbortSignal): Promise<void> {
    const wanted = [...this.#missing].values();
    let failure: ProviderFailure | undefined;
    const work = async (): Promise<void> => {
      for (const index of wanted) {
        if (failure !== undefined) return;
        const outcome = await this.#chunk(provider, index, file, signal);
        failure ??= outcome;
      }
    };
    // What is in flight when one request fails still counts: nothing is asked for twice.
    const workers = Array.from({ length: this.#options.chunksInFlightMax }, work);
    const settled = await Promise.allSettled(workers);
    const broken = settled.find((worker) => worker.status === 'rejected');
    if (broken !== undefined) throw broken.reason;
    if (failure !== undefined && !signal.aborted) this.#note(provider, failure);
  }

  async #chunk(
    provider: TransportId,
    index: number,
    file: PartialFile,
    signal: AbortSignal,
  ): Promise<ProviderFailure | undefined> {
    const { start, end } = chunkRange(this.#ref, index);
    const request = encodeChunkRequest({ index, payload: this.#ref });
    const chunk = await this.#ask(provider, CHUNK_PROTOCOL, request, end - start, signal);
    if (chunk === undefined) return 'away';
    if (chunk.byteLength === 0) return 'unknown';
    if (!isChunkOf(this.#leaves?.[index], chunk)) return 'lying';
    await file.writeChunk(index, chunk);
    this.#bytes.set(chunk, start);
    this.#missing.delete(index);
    this.#dependencies.meter.count('starling_payload_fetched_bytes_total', chunk.byteLength);
    return undefined;
  }

  /** One answer, or `undefined` when the provider is away, slow or sends too much. */
  async #ask(
    provider: TransportId,
    protocol: string,
    request: Uint8Array,
    answerBytesMax: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const timeout = AbortSignal.timeout(this.#options.requestTimeoutMs);
    const options = { answerBytesMax, signal: AbortSignal.any([signal, timeout]) };
    try {
      return await this.#dependencies.bus.request(provider, protocol, request, options);
    } catch (error) {
      if (error instanceof BusError) return undefined;
      throw error;
    }
  }

  #note(provider: TransportId, failure: ProviderFailure): false {
    const { bus, logger, meter } = this.#dependencies;
    this.#failures.push(failure);
    meter.count('starling_payload_provider_failures_total', 1, { failure });
    logger.warn('payload provider failed, the next one is asked', {
      provider,
      failure,
      root: this.#ref.root,
      missing: this.#missing.size,
    });
    if (failure === 'lying') bus.penalise(provider, 'bad-signature');
    return false;
  }

  #failed(signal: AbortSignal): PayloadError {
    const { root, bytes } = this.#ref;
    const options = signal.aborted ? { cause: signal.reason } : undefined;
    if (this.#failures.includes('lying') && !signal.aborted) {
      const message = `no honest provider for ${root}: ${this.#failures.join(', ')}`;
      return new PayloadError('corrupt-source', message, options);
    }
    const chunks = `${this.#missing.size} of ${chunkCount(this.#ref)} chunks are missing`;
    const message = `${root} (${bytes} bytes): ${chunks}; providers: ${this.#failures.join(', ')}`;
    return new PayloadError('unavailable', message, options);
  }
}

const EMPTY = new Uint8Array(0);
