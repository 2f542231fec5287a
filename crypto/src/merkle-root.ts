// Content root of a payload: the Merkle tree hash of RFC 6962 §2.1 with SHA3-256 over chunks of
// CHUNK_BYTES, bound to the number of leaves and the length in bytes. Without the number of leaves,
// inner nodes could pass for the leaves of a shorter list.

import { createHash } from 'node:crypto';
import { CHUNK_BYTES, type Digest, PAYLOAD_BYTES_MAX, type PayloadRef } from '@starling/shared';
import { domainDigest, uint64Bytes } from './digest.ts';
import { treeHash } from './merkle-tree.ts';

export const LEAF_BYTES = 32;
export const PAYLOAD_DOMAIN = 'starling/payload/v1';

/** SHA3-256 of 0x00 and one chunk: 32 bytes. */
export function leafOf(chunk: Uint8Array): Uint8Array {
  return createHash('sha3-256').update(LEAF_PREFIX).update(chunk).digest();
}

/** Leaves of the payload's chunks in order, `[⌈bytes / CHUNK_BYTES⌉ × 32]`; none when it is empty. */
export function payloadLeaves(bytes: Uint8Array): Uint8Array[] {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) {
    leaves.push(leafOf(bytes.subarray(at, at + CHUNK_BYTES)));
  }
  return leaves;
}

/**
 * Root of a payload of `totalBytes` bytes whose chunks have these leaves. A list that does not fit
 * the length has a root of its own, which no payload shares.
 * @throws {RangeError} when a leaf is not 32 bytes or `totalBytes` is no length.
 */
export function payloadRootFromLeaves(leaves: readonly Uint8Array[], totalBytes: number): Digest {
  if (!Number.isSafeInteger(totalBytes) || totalBytes < 0) {
    throw new RangeError(`a payload of ${totalBytes} bytes has no root`);
  }
  const wrong = leaves.findIndex((leaf) => leaf.byteLength !== LEAF_BYTES);
  if (wrong >= 0) throw new RangeError(`leaf ${wrong} is not ${LEAF_BYTES} bytes long`);
  const lengths = [uint64Bytes(totalBytes), uint64Bytes(leaves.length)];
  return domainDigest(PAYLOAD_DOMAIN, ...lengths, treeHash(leaves));
}

/**
 * The reference by which a payload is offered and pulled.
 * @throws {RangeError} when it is longer than PAYLOAD_BYTES_MAX.
 */
export function payloadRef(bytes: Uint8Array): PayloadRef {
  if (bytes.byteLength > PAYLOAD_BYTES_MAX) {
    throw new RangeError(
      `a payload has at most ${PAYLOAD_BYTES_MAX} bytes, this one ${bytes.byteLength}`,
    );
  }
  const root = payloadRootFromLeaves(payloadLeaves(bytes), bytes.byteLength);
  return { bytes: bytes.byteLength, root };
}

const LEAF_PREFIX = Uint8Array.of(0);
