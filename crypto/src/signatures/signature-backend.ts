// ML-DSA (FIPS 204), pure, hedged, always with a context. A secret key is its 32-byte seed
// everywhere; backends expand it. The wire signs with ML-DSA-65.

import type { BackendName } from '../backend-name.ts';

export type SignatureSuite = 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87';

export interface SignatureSizes {
  readonly publicKeyBytes: number;
  readonly signatureBytes: number;
}

/** FIPS 204 table 2. */
export const SIGNATURE_SIZES: Readonly<Record<SignatureSuite, SignatureSizes>> = Object.freeze({
  'ml-dsa-44': { publicKeyBytes: 1312, signatureBytes: 2420 },
  'ml-dsa-65': { publicKeyBytes: 1952, signatureBytes: 3309 },
  'ml-dsa-87': { publicKeyBytes: 2592, signatureBytes: 4627 },
});

/** The suite of members and messages. */
export const SUITE = 'ml-dsa-65';
export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 1952;
export const SIGNATURE_BYTES = 3309;
/** FIPS 204 §5.2: a context has at most 255 bytes. The empty one is never used here. */
export const CONTEXT_BYTES_MAX = 255;

export interface KeyPair {
  /** 32 bytes. */
  readonly secretSeed: Uint8Array;
  /** 1952 bytes for ML-DSA-65. */
  readonly publicKey: Uint8Array;
}

export interface SignatureBackend {
  readonly name: BackendName;
  readonly suite: SignatureSuite;
  generate(): KeyPair;
  /** @throws {RangeError} when the seed is not 32 bytes. */
  publicKeyOf(secretSeed: Uint8Array): Uint8Array;
  /**
   * A hedged signature, 3309 bytes for ML-DSA-65; two over the same message differ.
   * @throws {RangeError} when the seed is not 32 bytes or the context not 1 to 255 bytes.
   */
  sign(secretSeed: Uint8Array, message: Uint8Array, context: Uint8Array): Uint8Array;
  /** False for anything that is not a valid signature, malformed input included; never throws. */
  verify(
    publicKey: Uint8Array,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): boolean;
  /**
   * What {@link verify} answers, without holding the event loop: on a thread of its own where the
   * runtime has one, else between two turns. Never rejects.
   */
  verifyAsync(
    publicKey: Uint8Array,
    message: Uint8Array,
    context: Uint8Array,
    signature: Uint8Array,
  ): Promise<boolean>;
}

/** @throws {RangeError} unless it is a seed of 32 bytes. */
export function assertSeed(secretSeed: Uint8Array): void {
  if (secretSeed.byteLength === SEED_BYTES) return;
  throw new RangeError(`a seed has ${SEED_BYTES} bytes, got ${secretSeed.byteLength}`);
}

/** @throws {RangeError} unless it is a context of 1 to 255 bytes. */
export function assertContext(context: Uint8Array): void {
  if (isContext(context)) return;
  throw new RangeError(`a context has 1 to ${CONTEXT_BYTES_MAX} bytes, got ${context.byteLength}`);
}

/** True when the lengths allow a verification at all. */
export function isVerifiable(
  suite: SignatureSuite,
  publicKey: Uint8Array,
  context: Uint8Array,
  signature: Uint8Array,
): boolean {
  const { publicKeyBytes, signatureBytes } = SIGNATURE_SIZES[suite];
  return (
    publicKey.byteLength === publicKeyBytes &&
    signature.byteLength === signatureBytes &&
    isContext(context)
  );
}

function isContext(context: Uint8Array): boolean {
  return context.byteLength > 0 && context.byteLength <= CONTEXT_BYTES_MAX;
}
