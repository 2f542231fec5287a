// X-Wing from the runtime's own parts: ML-KEM-768, X25519, SHAKE256 to expand a seed, SHA3-256 to
// combine (draft-connolly-cfrg-xwing-kem §5).

import { createHash, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { importPublicKey, importSecretKey, publicBytesOf } from '../node-keys.ts';
import {
  assertKemSeed,
  KEM_SIZES,
  type KemBackend,
  type KemEncapsulation,
  type KemKey,
} from './kem-backend.ts';
import { nodeMlKem } from './node-ml-kem.ts';

const SUITE = 'x-wing';
const SIZES = KEM_SIZES[SUITE];
const ML_KEM = nodeMlKem('ml-kem-768');
const ML_KEM_SIZES = KEM_SIZES['ml-kem-768'];
const EXPANDED_BYTES = ML_KEM_SIZES.seedBytes + 32;
/** The combiner's label: `\.//^\`. */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** The native backend; `createKey` throws where the runtime has no ML-KEM. */
export function nodeXWing(): KemBackend {
  return Object.freeze<KemBackend>({ name: 'node', suite: SUITE, createKey, encapsulate });
}

function createKey(seed: Uint8Array): KemKey {
  assertKemSeed(SUITE, seed);
  const expanded = createHash('shake256', { outputLength: EXPANDED_BYTES }).update(seed).digest();
  const kemKey = ML_KEM.createKey(expanded.subarray(0, ML_KEM_SIZES.seedBytes));
  const curveKey = importSecretKey('x25519', expanded.subarray(ML_KEM_SIZES.seedBytes));
  expanded.fill(0);
  const curvePublic = publicBytesOf(curveKey);
  return Object.freeze<KemKey>({
    publicKey: joined(kemKey.publicKey, curvePublic),
    decapsulate(ciphertext) {
      if (ciphertext.byteLength !== SIZES.ciphertextBytes) return undefined;
      const curveCiphertext = ciphertext.subarray(ML_KEM_SIZES.ciphertextBytes);
      const kemSecret = kemKey.decapsulate(ciphertext.subarray(0, ML_KEM_SIZES.ciphertextBytes));
      const curveSecret = agree(curveKey, curveCiphertext);
      return combine(kemSecret, curveSecret, curveCiphertext, curvePublic);
    },
  });
}

function encapsulate(publicKey: Uint8Array): KemEncapsulation | undefined {
  if (publicKey.byteLength !== SIZES.publicKeyBytes) return undefined;
  const sent = ML_KEM.encapsulate(publicKey.subarray(0, ML_KEM_SIZES.publicKeyBytes));
  const curvePublic = publicKey.subarray(ML_KEM_SIZES.publicKeyBytes);
  const ephemeral = generateKeyPairSync('x25519');
  const curveCiphertext = publicBytesOf(ephemeral.publicKey);
  const curveSecret = agree(ephemeral.privateKey, curvePublic);
  const sharedSecret = combine(sent?.sharedSecret, curveSecret, curveCiphertext, curvePublic);
  if (sent === undefined || sharedSecret === undefined) return undefined;
  return { ciphertext: joined(sent.ciphertext, curveCiphertext), sharedSecret };
}

/** Undefined for a point of low order, whose secret would be zero. */
function agree(privateKey: KeyObject, publicKey: Uint8Array): Uint8Array | undefined {
  try {
    return diffieHellman({ privateKey, publicKey: importPublicKey('x25519', publicKey) });
  } catch {
    return undefined;
  }
}

function combine(
  kemSecret: Uint8Array | undefined,
  curveSecret: Uint8Array | undefined,
  curveCiphertext: Uint8Array,
  curvePublic: Uint8Array,
): Uint8Array | undefined {
  if (kemSecret === undefined || curveSecret === undefined) return undefined;
  const hash = createHash('sha3-256');
  for (const part of [kemSecret, curveSecret, curveCiphertext, curvePublic, LABEL]) {
    hash.update(part);
  }
  kemSecret.fill(0);
  curveSecret.fill(0);
  return new Uint8Array(hash.digest());
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(left.byteLength + right.byteLength);
  bytes.set(left);
  bytes.set(right, left.byteLength);
  return bytes;
}
