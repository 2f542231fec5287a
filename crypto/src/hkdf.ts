// HKDF with SHA-256 (RFC 5869) and the empty salt: every key of a session comes from one secret.

import { createSecretKey, hkdfSync } from 'node:crypto';

/** RFC 5869 §2.3: no more than 255 blocks of the hash. */
export const HKDF_BYTES_MAX = 255 * 32;
/** Longest info that the runtime takes. */
export const HKDF_INFO_BYTES_MAX = 1024;

const NO_SALT = new Uint8Array(0);

/**
 * `bytes` bytes that follow from `secret` and `info`; other infos give independent ones.
 * @throws {RangeError} when `bytes` or the length of `info` is beyond its limit.
 */
export function hkdfSha256(secret: Uint8Array, info: Uint8Array, bytes = 32): Uint8Array {
  if (!Number.isInteger(bytes) || bytes < 1 || bytes > HKDF_BYTES_MAX) {
    throw new RangeError(`HKDF gives 1 to ${HKDF_BYTES_MAX} bytes, asked for ${bytes}`);
  }
  if (info.byteLength > HKDF_INFO_BYTES_MAX) {
    throw new RangeError(`an info has at most ${HKDF_INFO_BYTES_MAX} bytes`);
  }
  // A key object: what bytes are, node:crypto finds out by an exception that it catches.
  const key = createSecretKey(secret);
  return new Uint8Array(hkdfSync('sha256', key, NO_SALT, info, bytes));
}
