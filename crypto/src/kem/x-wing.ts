// X-Wing (draft-connolly-cfrg-xwing-kem): X25519 and ML-KEM-768 as one KEM. It holds as long as
// either of them does. A secret key is its 32-byte seed.

import type { KemBackend, KemEncapsulation, KemKey } from './kem-backend.ts';
import { selectKemBackend } from './select-kem-backend.ts';

export const X_WING_SEED_BYTES = 32;
/** ML-KEM-768 key (1184) and X25519 key (32). */
export const X_WING_PUBLIC_KEY_BYTES = 1216;
/** ML-KEM-768 ciphertext (1088) and X25519 key (32). */
export const X_WING_CIPHERTEXT_BYTES = 1120;
export const X_WING_SECRET_BYTES = 32;

export type XWingKey = KemKey;

/**
 * The key of a seed, expanded once and then fast for many ciphertexts.
 * @throws {RangeError} when the seed is not 32 bytes.
 */
export function createXWingKey(
  seed: Uint8Array,
  backend: KemBackend = selectKemBackend('x-wing'),
): XWingKey {
  return backend.createKey(seed);
}

/** A fresh shared secret for the holder of `publicKey`; undefined for a malformed key. */
export function xWingEncapsulate(
  publicKey: Uint8Array,
  backend: KemBackend = selectKemBackend('x-wing'),
): KemEncapsulation | undefined {
  return backend.encapsulate(publicKey);
}
