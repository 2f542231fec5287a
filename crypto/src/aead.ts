// AES-256-GCM (SP 800-38D) under keys that encrypt once.
// Invariant: the IV is 0^96 always, so a key that sealed one plaintext never seals another.

import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto';

export const AEAD_KEY_BYTES = 32;
export const AEAD_TAG_BYTES = 16;

// Keys go in as key objects: what bytes are, node:crypto finds out by exceptions that it catches.
const CIPHER = 'aes-256-gcm';
const IV = new Uint8Array(12);

/**
 * Ciphertext and tag, 16 bytes longer than the plaintext. The key must be fresh: two plaintexts
 * under one key give both away, and the key's authenticity with them.
 * @throws {RangeError} when the key is not 32 bytes.
 */
export function sealOnce(key: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  if (key.byteLength !== AEAD_KEY_BYTES) {
    throw new RangeError(`a sealing key has ${AEAD_KEY_BYTES} bytes, got ${key.byteLength}`);
  }
  const cipher = createCipheriv(CIPHER, createSecretKey(key), IV, {
    authTagLength: AEAD_TAG_BYTES,
  });
  cipher.setAAD(aad);
  const box = new Uint8Array(plaintext.byteLength + AEAD_TAG_BYTES);
  box.set(cipher.update(plaintext));
  cipher.final();
  box.set(cipher.getAuthTag(), plaintext.byteLength);
  return box;
}

/** The plaintext; undefined for anything that does not open, malformed input included. */
export function openOnce(
  key: Uint8Array,
  box: Uint8Array,
  aad: Uint8Array,
): Uint8Array | undefined {
  const plaintextBytes = box.byteLength - AEAD_TAG_BYTES;
  if (key.byteLength !== AEAD_KEY_BYTES || plaintextBytes < 0) return undefined;
  const decipher = createDecipheriv(CIPHER, createSecretKey(key), IV, {
    authTagLength: AEAD_TAG_BYTES,
  });
  decipher.setAAD(aad);
  decipher.setAuthTag(box.subarray(plaintextBytes));
  const plaintext = decipher.update(box.subarray(0, plaintextBytes));
  try {
    decipher.final();
    return new Uint8Array(plaintext);
  } catch {
    return undefined;
  } finally {
    plaintext.fill(0);
  }
}
