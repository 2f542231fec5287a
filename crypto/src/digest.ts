// SHA3-256 (FIPS 202), the one hash of the wire: it names messages, payloads and members.

import { createHash, type Hash } from 'node:crypto';
import type { Digest } from '@starling/shared';

/** SHA3-256 of `bytes` as 64 hexadecimal digits. */
export function digestOf(bytes: Uint8Array): Digest {
  return createHash('sha3-256').update(bytes).digest('hex') as Digest;
}

/**
 * SHA3-256 of a domain and any number of parts. Each one stands behind its length (64 bits, big
 * endian), so no two different lists give the same input.
 * @throws {RangeError} when `domain` is empty.
 */
export function domainDigest(domain: string, ...parts: readonly Uint8Array[]): Digest {
  return hashOfParts(domain, parts).digest('hex') as Digest;
}

/**
 * The hash of {@link domainDigest} as 32 bytes, for commitments and keys.
 * @throws {RangeError} when `domain` is empty.
 */
export function domainHash(domain: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(hashOfParts(domain, parts).digest());
}

/** A non-negative safe integer as 8 bytes, big endian. */
export function uint64Bytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeUint64(bytes, 0, value);
  return bytes;
}

function hashOfParts(domain: string, parts: readonly Uint8Array[]): Hash {
  if (domain.length === 0) throw new RangeError('a domain digest needs a domain');
  const all = [new TextEncoder().encode(domain), ...parts];
  const bytes = new Uint8Array(all.reduce((sum, { byteLength }) => sum + 8 + byteLength, 0));
  let at = 0;
  for (const part of all) {
    writeUint64(bytes, at, part.byteLength);
    bytes.set(part, at + 8);
    at += 8 + part.byteLength;
  }
  // One call for all: a call costs more than hashing a short part.
  const hash = createHash('sha3-256').update(bytes);
  bytes.fill(0);
  return hash;
}

function writeUint64(bytes: Uint8Array, at: number, value: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(at, Math.floor(value / 2 ** 32));
  view.setUint32(at + 4, value % 2 ** 32);
}
