// Key encapsulation: ML-KEM (FIPS 203) and X-Wing (draft-connolly-cfrg-xwing-kem). A secret key is
// its seed everywhere; backends expand it. Sites agree on keys with X-Wing.

import type { BackendName } from '../backend-name.ts';

export type MlKemSuite = 'ml-kem-512' | 'ml-kem-768' | 'ml-kem-1024';
export type KemSuite = MlKemSuite | 'x-wing';

export interface KemSizes {
  readonly seedBytes: number;
  readonly publicKeyBytes: number;
  readonly ciphertextBytes: number;
}

/** FIPS 203 table 3, with the seed d | z; X-Wing's from §5 of its draft. */
export const KEM_SIZES: Readonly<Record<KemSuite, KemSizes>> = Object.freeze({
  'ml-kem-512': { seedBytes: 64, publicKeyBytes: 800, ciphertextBytes: 768 },
  'ml-kem-768': { seedBytes: 64, publicKeyBytes: 1184, ciphertextBytes: 1088 },
  'ml-kem-1024': { seedBytes: 64, publicKeyBytes: 1568, ciphertextBytes: 1568 },
  'x-wing': { seedBytes: 32, publicKeyBytes: 1216, ciphertextBytes: 1120 },
});

/** Every suite shares secrets of this size. */
export const KEM_SECRET_BYTES = 32;

/** A secret key, expanded once and then fast for many ciphertexts. */
export interface KemKey {
  /** 1216 bytes for X-Wing. */
  readonly publicKey: Uint8Array;
  /**
   * The shared secret, 32 bytes; undefined for a malformed ciphertext, never throws. A well-formed
   * ciphertext that is not for this key gives a secret that nobody knows (implicit rejection).
   */
  decapsulate(ciphertext: Uint8Array): Uint8Array | undefined;
}

export interface KemEncapsulation {
  /** 1120 bytes for X-Wing. */
  readonly ciphertext: Uint8Array;
  /** 32 bytes. */
  readonly sharedSecret: Uint8Array;
}

export interface KemBackend {
  readonly name: BackendName;
  readonly suite: KemSuite;
  /** @throws {RangeError} when the seed has not the length of its suite. */
  createKey(seed: Uint8Array): KemKey;
  /**
   * A fresh shared secret for the holder of `publicKey`; undefined for a malformed key (FIPS 203
   * §7.2: its length, and every coefficient below 3329), never throws.
   */
  encapsulate(publicKey: Uint8Array): KemEncapsulation | undefined;
}

/** @throws {RangeError} unless the seed has the length of its suite. */
export function assertKemSeed(suite: KemSuite, seed: Uint8Array): void {
  const { seedBytes } = KEM_SIZES[suite];
  if (seed.byteLength === seedBytes) return;
  throw new RangeError(`a seed of ${suite} has ${seedBytes} bytes, got ${seed.byteLength}`);
}
