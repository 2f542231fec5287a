// What travels when a payload is pulled: canonical CBOR requests, a manifest of leaves, raw chunks.

import { LEAF_BYTES, leafOf, payloadRootFromLeaves } from '@starling/crypto';
import {
  bytesSchema,
  CHUNK_BYTES,
  type Checked,
  checked,
  decodeCanonical,
  encodeCanonical,
  equalBytes,
  PAYLOAD_BYTES_MAX,
  type PayloadRef,
  payloadRefSchema,
  refused,
  uintSchema,
  z,
} from '@starling/shared';

export const MANIFEST_PROTOCOL = 'payload-manifest';
export const CHUNK_PROTOCOL = 'payload-chunk';

const CHUNKS_MAX = PAYLOAD_BYTES_MAX / CHUNK_BYTES;
/** Largest request of either protocol. */
export const PAYLOAD_REQUEST_BYTES_MAX = 256;
export const MANIFEST_BYTES_MAX = CHUNKS_MAX * LEAF_BYTES + 64;

const chunkRequestSchema = z.strictObject({
  index: uintSchema.max(CHUNKS_MAX - 1),
  payload: payloadRefSchema,
});
const manifestSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ leaves: bytesSchema, outcome: z.literal('known') }),
  z.strictObject({ outcome: z.literal('unknown') }),
]);

export type ChunkRequest = z.infer<typeof chunkRequestSchema>;
/** Leaves of a payload in order, verified against its root. */
export type Leaves = readonly Uint8Array[];

export function encodeManifestRequest(ref: PayloadRef): Uint8Array {
  return encodeCanonical({ bytes: ref.bytes, root: ref.root });
}

export function decodeManifestRequest(bytes: Uint8Array): Checked<PayloadRef> {
  return decodeShape(payloadRefSchema, bytes, PAYLOAD_REQUEST_BYTES_MAX);
}

export function encodeChunkRequest({ index, payload }: ChunkRequest): Uint8Array {
  return encodeCanonical({ index, payload: { bytes: payload.bytes, root: payload.root } });
}

export function decodeChunkRequest(bytes: Uint8Array): Checked<ChunkRequest> {
  return decodeShape(chunkRequestSchema, bytes, PAYLOAD_REQUEST_BYTES_MAX);
}

export function encodeManifest(leaves: Leaves | undefined): Uint8Array {
  if (leaves === undefined) return encodeCanonical({ outcome: 'unknown' });
  return encodeCanonical({ leaves: joinLeaves(leaves), outcome: 'known' });
}

/** The leaves in a provider's answer, or `undefined` when it does not have the payload. */
export function decodeManifest(ref: PayloadRef, bytes: Uint8Array): Checked<Leaves | undefined> {
  const manifest = decodeShape(manifestSchema, bytes, MANIFEST_BYTES_MAX);
  if (!manifest.ok) return manifest;
  if (manifest.value.outcome === 'unknown') return checked(undefined);
  const leaves = splitLeaves(ref, manifest.value.leaves);
  if (leaves === undefined) return refused('bad-signature', 'the leaves do not give the root');
  return checked(leaves);
}

/** The leaves in `joined` if there are as many as `ref` has chunks and they give its root. */
export function splitLeaves(ref: PayloadRef, joined: Uint8Array): Leaves | undefined {
  const chunks = chunkCount(ref);
  if (joined.byteLength !== chunks * LEAF_BYTES) return undefined;
  const leaves = Array.from({ length: chunks }, (_, i) =>
    joined.slice(i * LEAF_BYTES, (i + 1) * LEAF_BYTES),
  );
  return payloadRootFromLeaves(leaves, ref.bytes) === ref.root ? leaves : undefined;
}

export function joinLeaves(leaves: Leaves): Uint8Array {
  const joined = new Uint8Array(leaves.length * LEAF_BYTES);
  for (const [i, leaf] of leaves.entries()) joined.set(leaf, i * LEAF_BYTES);
  return joined;
}

/** True when `chunk` is the one that `leaf` stands for. */
export function isChunkOf(leaf: Uint8Array | undefined, chunk: Uint8Array): boolean {
  return leaf !== undefined && equalBytes(leafOf(chunk), leaf);
}

export function chunkCount(ref: PayloadRef): number {
  return Math.ceil(ref.bytes / CHUNK_BYTES);
}

/** Where chunk `index` lies: its first byte and the one behind its last. */
export function chunkRange(ref: PayloadRef, index: number): { start: number; end: number } {
  const start = index * CHUNK_BYTES;
  return { start, end: Math.min(start + CHUNK_BYTES, ref.bytes) };
}

function decodeShape<T>(schema: z.ZodType<T>, bytes: Uint8Array, bytesMax: number): Checked<T> {
  const decoded = decodeCanonical(bytes, bytesMax);
  if (!decoded.ok) return refused(decoded.fault, decoded.detail);
  const parsed = schema.safeParse(decoded.value);
  if (parsed.success) return checked(parsed.data);
  return refused('wrong-shape', parsed.error.issues[0]?.message ?? 'another shape');
}
