// What a backend of X-Wing does, and the draft's sizes and constants.

export const X_WING_SEED_BYTES = 32;
/** ML-KEM-768 key (1184) and X25519 key (32). */
export const X_WING_PUBLIC_KEY_BYTES = 1216;
/** ML-KEM-768 ciphertext (1088) and X25519 key (32). */
export const X_WING_CIPHERTEXT_BYTES = 1120;
export const X_WING_SECRET_BYTES = 32;

/** A secret key, expanded. */
export interface XWingKey {
  /** 1216 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret, 32 bytes; undefined for a malformed ciphertext. A ciphertext for another
   * key gives a secret too, which nobody knows (implicit rejection).
   */
  decapsulate(ciphertext: Uint8Array): Uint8Array | undefined;
}

export interface XWingEncapsulation {
  /** 1120 bytes. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly sharedSecret: Uint8Array;
}

export interface XWingBackend {
  readonly name: 'node' | 'noble';
  /** @throws {RangeError} when the seed is not 32 bytes. */
  createKey(seed: Uint8Array): XWingKey;
  /** Undefined for a malformed key; never throws. */
  encapsulate(publicKey: Uint8Array): XWingEncapsulation | undefined;
}

/** @throws {RangeError} unless it is a seed of 32 bytes. */
export function assertXWingSeed(seed: Uint8Array): void {
  if (seed.byteLength === X_WING_SEED_BYTES) return;
  throw new RangeError(`an X-Wing seed has ${X_WING_SEED_BYTES} bytes, got ${seed.byteLength}`);
}
