// Payloads by content hash over request streams, chunk by chunk, checked against their root.

import { payloadRef } from '@starling/crypto';
import {
  CHUNK_BYTES,
  decodeCanonical,
  encodeCanonical,
  type MessageBus,
  type PayloadRef,
  type TransportId,
} from '@starling/shared';

const PROTOCOL = 'benchmark-pull';
const REQUEST_BYTES_MAX = 256;

export class PayloadPull {
  readonly #bus: MessageBus;
  readonly #offered = new Map<string, Uint8Array>();

  constructor(bus: MessageBus) {
    this.#bus = bus;
    const limits = { requestBytesMax: REQUEST_BYTES_MAX };
    bus.handle(PROTOCOL, async (request) => this.#chunk(request), limits);
  }

  offer(bytes: Uint8Array): PayloadRef {
    const ref = payloadRef(bytes);
    this.#offered.set(ref.root, bytes);
    return ref;
  }

  /** @throws {Error} when what came does not have the root that was asked for. */
  async fetch(ref: PayloadRef, from: TransportId): Promise<Uint8Array> {
    const bytes = new Uint8Array(ref.bytes);
    for (let at = 0; at < ref.bytes; at += CHUNK_BYTES) {
      const request = encodeCanonical([ref.root, at]);
      const options = { answerBytesMax: CHUNK_BYTES };
      bytes.set(await this.#bus.request(from, PROTOCOL, request, options), at);
    }
    if (payloadRef(bytes).root !== ref.root) throw new Error(`${from} sent other bytes`);
    return bytes;
  }

  clear(): void {
    this.#offered.clear();
  }

  #chunk(request: Uint8Array): Uint8Array {
    const decoded = decodeCanonical(request, REQUEST_BYTES_MAX);
    if (!decoded.ok) throw new Error(decoded.detail);
    const [root, at] = decoded.value as [string, number];
    const payload = this.#offered.get(root);
    if (payload === undefined) throw new Error(`no payload ${root}`);
    return payload.subarray(at, at + CHUNK_BYTES);
  }
}
