// The serving side of the payload protocols: manifests and chunks of whole payloads, from memory
// where possible.

import type { Cancel, Checked, MessageBus, Meter, PayloadRef, TransportId } from '@starling/shared';
import type { PayloadCache } from './payload-cache.ts';
import type { PayloadFolder } from './payload-folder.ts';
import {
  CHUNK_PROTOCOL,
  chunkCount,
  chunkRange,
  decodeChunkRequest,
  decodeManifestRequest,
  encodeManifest,
  MANIFEST_PROTOCOL,
  PAYLOAD_REQUEST_BYTES_MAX,
} from './payload-protocol.ts';

/** Chunks, and manifests, that are read and sent at once. */
const SERVED_AT_ONCE_MAX = 32;

export interface PayloadServerDependencies {
  readonly bus: MessageBus;
  readonly folder: PayloadFolder;
  readonly cache: PayloadCache;
  readonly meter: Meter;
}

/** Answers requests until cancelled. An empty chunk answer says that the payload is not here. */
export function servePayloads({ bus, folder, cache, meter }: PayloadServerDependencies): Cancel {
  const options = {
    requestBytesMax: PAYLOAD_REQUEST_BYTES_MAX,
    concurrentMax: SERVED_AT_ONCE_MAX,
  };
  const parsed = <T>(request: Checked<T>, from: TransportId): T => {
    if (request.ok) return request.value;
    bus.penalise(from, request.refusal.reason);
    throw new Error(`${request.refusal.reason}: ${request.refusal.detail}`);
  };
  const manifest = async (bytes: Uint8Array, from: TransportId): Promise<Uint8Array> => {
    const ref = parsed(decodeManifestRequest(bytes), from);
    return encodeManifest((await folder.has(ref)) ? await folder.leaves(ref) : undefined);
  };
  const chunk = async (bytes: Uint8Array, from: TransportId): Promise<Uint8Array> => {
    const { payload, index } = parsed(decodeChunkRequest(bytes), from);
    if (index >= chunkCount(payload)) return NOTHING;
    const answer = (await chunkOf(payload, index)) ?? NOTHING;
    meter.count('starling_payload_served_bytes_total', answer.byteLength);
    return answer;
  };
  const chunkOf = async (ref: PayloadRef, index: number): Promise<Uint8Array | undefined> => {
    if (ref.bytes > cache.bytesMax) return folder.readChunk(ref, index);
    let payload = cache.get(ref.root);
    if (payload === undefined) {
      payload = await folder.read(ref);
      if (payload !== undefined) cache.put(ref.root, payload);
    }
    if (payload?.byteLength !== ref.bytes) return undefined;
    const { start, end } = chunkRange(ref, index);
    return payload.subarray(start, end);
  };
  const cancels = [
    bus.handle(MANIFEST_PROTOCOL, manifest, options),
    bus.handle(CHUNK_PROTOCOL, chunk, options),
  ];
  return () => {
    for (const cancel of cancels) cancel();
  };
}

const NOTHING = new Uint8Array(0);
