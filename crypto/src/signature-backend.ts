// ML-DSA-65 (FIPS 204), pure, hedged, always with a context. A secret key is its 32-byte seed
// everywhere; backends expand it.

export const SUITE = 'ml-dsa-65';
export const SEED_BYTES = 32;
export const PUBLIC_KEY_BYTES = 1952;
export const SIGNATURE_BYTES = 3309;
/** FIPS 204 §5.2: a context has at most 255 bytes. The empty one is never used here. */
export const CONTEXT_BYTES_MAX = 255;

export interface KeyPair {
  /** 32 bytes. */
  readonly secretSeed: Uint8Array;
  /** 1952 bytes. */
  readonly publicKey: Uint8Array;
}

export interface SignatureBackend {
  readonly name: 'node' | 'noble';
  generate(): KeyPair;
  /** @throws {RangeError} when the seed is not 32 bytes. */
  publicKeyOf(secretSeed: Uint8Array): Uint8Array;
  /**
   * A hedged signature of 3309 bytes; two over the same message differ.
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
  publicKey: Uint8Array,
  context: Uint8Array,
  signature: Uint8Array,
): boolean {
  return (
    publicKey.byteLength === PUBLIC_KEY_BYTES &&
    signature.byteLength === SIGNATURE_BYTES &&
    isContext(context)
  );
}

function isContext(context: Uint8Array): boolean {
  return context.byteLength > 0 && context.byteLength <= CONTEXT_BYTES_MAX;
}
