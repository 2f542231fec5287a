// ML-DSA by the runtime itself: node:crypto over OpenSSL 3.5, Node 24.6 and later.

import { type KeyObject, sign, verify } from 'node:crypto';
import { importPublicKey, importSecretKey, publicBytesOf } from '../node-keys.ts';
import { systemRandom } from '../random-source.ts';
import {
  assertContext,
  assertSeed,
  isVerifiable,
  SEED_BYTES,
  type SignatureBackend,
  type SignatureSuite,
  SUITE,
} from './signature-backend.ts';

/** Imported public keys that are kept; the one unused longest goes first. */
export const PUBLIC_KEYS_KEPT_MAX = 512;

/** The native backend; its methods throw where the runtime has no ML-DSA. */
export function nodeSignatures(suite: SignatureSuite = SUITE): SignatureBackend {
  const publicKeys = new Map<string, KeyObject>();
  const secretKeys = new WeakMap<Uint8Array, KeyObject>();
  return Object.freeze<SignatureBackend>({
    name: 'node',
    suite,
    generate() {
      const secretSeed = systemRandom(SEED_BYTES);
      return { secretSeed, publicKey: publicBytesOf(secretKeyOf(suite, secretSeed, secretKeys)) };
    },
    publicKeyOf(secretSeed) {
      return publicBytesOf(secretKeyOf(suite, secretSeed, secretKeys));
    },
    sign(secretSeed, message, context) {
      assertContext(context);
      const key = secretKeyOf(suite, secretSeed, secretKeys);
      return new Uint8Array(sign(null, message, { key, context }));
    },
    verify(publicKey, message, context, signature) {
      if (!isVerifiable(suite, publicKey, context, signature)) return false;
      return isSignedNatively(
        () => keyOf(suite, publicKey, publicKeys),
        message,
        context,
        signature,
      );
    },
    async verifyAsync(publicKey, message, context, signature) {
      if (!isVerifiable(suite, publicKey, context, signature)) return false;
      return isSignedOnThread(
        () => keyOf(suite, publicKey, publicKeys),
        message,
        context,
        signature,
      );
    },
  });
}

/** True when this runtime signs natively. */
export function hasNodeSignatures(suite: SignatureSuite = SUITE): boolean {
  try {
    const backend = nodeSignatures(suite);
    const { secretSeed, publicKey } = backend.generate();
    const context = new TextEncoder().encode('starling/self-test/v1');
    return backend.verify(publicKey, context, context, backend.sign(secretSeed, context, context));
  } catch {
    return false;
  }
}

/** FIPS 204's own verification, which takes the empty context too; false instead of a throw. */
export function isSignedNatively(
  key: () => KeyObject,
  message: Uint8Array,
  context: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    return verify(null, message, { key: key(), context }, signature);
  } catch {
    return false;
  }
}

/** The runtime's thread pool verifies; the bytes are read after this returns. */
function isSignedOnThread(
  key: () => KeyObject,
  message: Uint8Array,
  context: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      verify(null, message, { key: key(), context }, signature, (error, isSigned) => {
        resolve(error === null && isSigned);
      });
    } catch {
      resolve(false);
    }
  });
}

function keyOf(
  suite: SignatureSuite,
  publicKey: Uint8Array,
  kept: Map<string, KeyObject>,
): KeyObject {
  const name = Buffer.from(publicKey).toString('latin1');
  const known = kept.get(name);
  const key = known ?? importPublicKey(suite, publicKey);
  if (known !== undefined) kept.delete(name);
  kept.set(name, key);
  if (kept.size > PUBLIC_KEYS_KEPT_MAX) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  return key;
}

/** Kept as long as the seed's array lives; whoever holds a seed does not write into it. */
function secretKeyOf(
  suite: SignatureSuite,
  seed: Uint8Array,
  kept: WeakMap<Uint8Array, KeyObject>,
): KeyObject {
  const known = kept.get(seed);
  if (known !== undefined) return known;
  assertSeed(seed);
  const key = importSecretKey(suite, seed);
  kept.set(seed, key);
  return key;
}
