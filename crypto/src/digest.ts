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
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}

function hashOfParts(domain: string, parts: readonly Uint8Array[]): Hash {
  if (domain.length === 0) throw new RangeError('a domain digest needs a domain');
  const hash = createHash('sha3-256');
  for (const part of [new TextEncoder().encode(domain), ...parts]) {
    hash.update(uint64Bytes(part.byteLength)).update(part);
  }
  return hash;
}
