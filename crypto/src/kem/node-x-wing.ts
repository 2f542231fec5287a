// X-Wing from the runtime's own parts: ML-KEM-768, X25519, SHAKE256 to expand a seed, SHA3-256 to
// combine (draft-connolly-cfrg-xwing-kem §5).

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import {
  assertXWingSeed,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  type XWingBackend,
  type XWingEncapsulation,
  type XWingKey,
} from './x-wing-backend.ts';

const ML_KEM = 'ml-kem-768';
const ML_KEM_SEED_BYTES = 64;
const ML_KEM_PUBLIC_KEY_BYTES = 1184;
const ML_KEM_CIPHERTEXT_BYTES = 1088;
const X25519 = 'x25519';
const EXPANDED_BYTES = ML_KEM_SEED_BYTES + 32;
/** The combiner's label: `\.//^\`. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** The native backend; its methods throw where the runtime has no ML-KEM. */
export function nodeXWing(): XWingBackend {
  return Object.freeze<XWingBackend>({
    name: 'node',
    createKey,
    encapsulate(publicKey) {
      if (publicKey.byteLength !== X_WING_PUBLIC_KEY_BYTES) return undefined;
      try {
        return encapsulateTo(publicKey);
      } catch {
        return undefined;
      }
    },
  });
}

function createKey(seed: Uint8Array): XWingKey {
  assertXWingSeed(seed);
  const expanded = createHash('shake256', { outputLength: EXPANDED_BYTES }).update(seed).digest();
  const kemKey = createPrivateKey({
    key: expanded.subarray(0, ML_KEM_SEED_BYTES),
    format: 'raw-seed',
    asymmetricKeyType: ML_KEM,
  });
  const curveKey = createPrivateKey({
    key: expanded.subarray(ML_KEM_SEED_BYTES),
    format: 'raw-private',
    asymmetricKeyType: X25519,
  });
  expanded.fill(0);
  const curvePublic = rawPublic(createPublicKey(curveKey));
  const publicKey = joined(rawPublic(createPublicKey(kemKey)), curvePublic);
  return Object.freeze<XWingKey>({
    publicKey,
    decapsulate(ciphertext) {
      if (ciphertext.byteLength !== X_WING_CIPHERTEXT_BYTES) return undefined;
      const curveCiphertext = ciphertext.subarray(ML_KEM_CIPHERTEXT_BYTES);
      try {
        const kemSecret = decapsulate(kemKey, ciphertext.subarray(0, ML_KEM_CIPHERTEXT_BYTES));
        const curveSecret = agree(curveKey, importPublic(X25519, curveCiphertext));
        return combine(kemSecret, curveSecret, curveCiphertext, curvePublic);
      } catch {
        return undefined;
      }
    },
  });
}

/** Throws for a key that FIPS 203 §7.2 or X25519 refuses. */
function encapsulateTo(publicKey: Uint8Array): XWingEncapsulation {
  const curvePublic = publicKey.subarray(ML_KEM_PUBLIC_KEY_BYTES);
  const kemPublic = importPublic(ML_KEM, publicKey.subarray(0, ML_KEM_PUBLIC_KEY_BYTES));
  const { ciphertext, sharedKey } = encapsulate(kemPublic);
  const ephemeral = generateKeyPairSync(X25519);
  const curveCiphertext = rawPublic(ephemeral.publicKey);
  const curveSecret = agree(ephemeral.privateKey, importPublic(X25519, curvePublic));
  return {
    ciphertext: joined(ciphertext, curveCiphertext),
    sharedSecret: combine(sharedKey, curveSecret, curveCiphertext, curvePublic),
  };
}

function combine(
  kemSecret: Buffer,
  curveSecret: Buffer,
  curveCiphertext: Uint8Array,
  curvePublic: Uint8Array,
): Uint8Array {
  const hash = createHash('sha3-256');
  for (const part of [kemSecret, curveSecret, curveCiphertext, curvePublic, LABEL]) {
    hash.update(part);
  }
  kemSecret.fill(0);
  curveSecret.fill(0);
  return new Uint8Array(hash.digest());
}

/** Throws for a point of low order, whose secret would be zero. */
function agree(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  return diffieHellman({ privateKey, publicKey });
}

function importPublic(
  asymmetricKeyType: typeof ML_KEM | typeof X25519,
  bytes: Uint8Array,
): KeyObject {
  return createPublicKey({ key: Buffer.from(bytes), format: 'raw-public', asymmetricKeyType });
}

function rawPublic(key: KeyObject): Uint8Array {
  return key.export({ format: 'raw-public' });
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.byteLength + right.byteLength);
  bytes.set(left);
  bytes.set(right, left.byteLength);
  return bytes;
}
