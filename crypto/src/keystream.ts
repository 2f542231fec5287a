// ChaCha20 (RFC 8439 §2.4) as a stream of key bytes: nonce 0^96, block counter from 0.

import { type Cipheriv, createCipheriv, createSecretKey } from 'node:crypto';

export const KEYSTREAM_KEY_BYTES = 32;
/** The block counter has 32 bits, a block 64 bytes. */
export const KEYSTREAM_BYTES_MAX = 2 ** 38;

/** Bytes that are encrypted at a time: the zeros and their ciphertext stay in the cache. */
const CHUNK_BYTES = 64 * 1024;
const ZEROS = new Uint8Array(CHUNK_BYTES);

/** The keystream of one key; successive fills continue where the last one ended. */
export class Keystream {
  readonly #cipher: Cipheriv;
  #bytesLeft = KEYSTREAM_BYTES_MAX;

  /** @throws {RangeError} when the key is not 32 bytes. */
  constructor(key: Uint8Array) {
    if (key.byteLength !== KEYSTREAM_KEY_BYTES) {
      throw new RangeError(`a keystream's key has ${KEYSTREAM_KEY_BYTES} bytes`);
    }
    // OpenSSL's IV is the counter and the nonce in one: 16 bytes, all zero.
    // A key object: what bytes are, node:crypto finds out by exceptions that it catches.
    this.#cipher = createCipheriv('chacha20', createSecretKey(key), new Uint8Array(16));
  }

  /** @throws {RangeError} when the key has no more bytes to give. */
  fill(into: Uint8Array): void {
    this.#bytesLeft -= into.byteLength;
    if (this.#bytesLeft < 0) {
      throw new RangeError(`one key gives at most ${KEYSTREAM_BYTES_MAX} bytes`);
    }
    for (let start = 0; start < into.byteLength; start += CHUNK_BYTES) {
      const bytes = Math.min(CHUNK_BYTES, into.byteLength - start);
      into.set(this.#cipher.update(ZEROS.subarray(0, bytes)), start);
    }
  }
}
