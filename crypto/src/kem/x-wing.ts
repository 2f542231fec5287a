// X-Wing (draft-connolly-cfrg-xwing-kem): X25519 and ML-KEM-768 as one KEM. It holds as long as
// either of them does. A secret key is its 32-byte seed.

import { nodeXWing } from './node-x-wing.ts';
import type { XWingBackend, XWingEncapsulation, XWingKey } from './x-wing-backend.ts';

export {
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  X_WING_SECRET_BYTES,
  X_WING_SEED_BYTES,
  type XWingBackend,
  type XWingEncapsulation,
  type XWingKey,
} from './x-wing-backend.ts';

/**
 * The key of a seed, expanded once and then fast for many ciphertexts.
 * @throws {RangeError} when the seed is not 32 bytes.
 */
export function createXWingKey(
  seed: Uint8Array,
  backend: XWingBackend = selectXWingBackend(),
): XWingKey {
  return backend.createKey(seed);
}

/** A fresh shared secret for the holder of `publicKey`; undefined for a malformed key. */
export function xWingEncapsulate(
  publicKey: Uint8Array,
  backend: XWingBackend = selectXWingBackend(),
): XWingEncapsulation | undefined {
  return backend.encapsulate(publicKey);
}

function selectXWingBackend(): XWingBackend {
  selected ??= nodeXWing();
  return selected;
}

let selected: XWingBackend | undefined;
