// ML-DSA-65 by the runtime itself: node:crypto over OpenSSL 3.5, Node 24.6 and later.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import {
  assertContext,
  assertSeed,
  isVerifiable,
  type SignatureBackend,
  SUITE,
} from './signature-backend.ts';

/** Imported public keys that are kept; the one unused longest goes first. */
export const PUBLIC_KEYS_KEPT_MAX = 512;

/** The native backend; its methods throw where the runtime has no ML-DSA. */
export function nodeSignatures(): SignatureBackend {
  const publicKeys = new Map<string, KeyObject>();
  const secretKeys = new WeakMap<Uint8Array, KeyObject>();
  return Object.freeze<SignatureBackend>({
    name: 'node',
    generate() {
      const pair = generateKeyPairSync(SUITE);
      return {
        secretSeed: plain(pair.privateKey.export({ format: 'raw-seed' })),
        publicKey: plain(pair.publicKey.export({ format: 'raw-public' })),
      };
    },
    publicKeyOf(secretSeed) {
      const secret = secretKeyOf(secretSeed, secretKeys);
      return plain(createPublicKey(secret).export({ format: 'raw-public' }));
    },
    sign(secretSeed, message, context) {
      assertContext(context);
      return plain(sign(null, message, { key: secretKeyOf(secretSeed, secretKeys), context }));
    },
    verify(publicKey, message, context, signature) {
      if (!isVerifiable(publicKey, context, signature)) return false;
      try {
        return verify(null, message, { key: keyOf(publicKey, publicKeys), context }, signature);
      } catch {
        return false;
      }
    },
  });
}

/** True when this runtime signs with ML-DSA-65 natively. */
export function hasNodeSignatures(): boolean {
  try {
    generateKeyPairSync(SUITE);
    return true;
  } catch {
    return false;
  }
}

function keyOf(publicKey: Uint8Array, kept: Map<string, KeyObject>): KeyObject {
  const name = Buffer.from(publicKey).toString('latin1');
  const known = kept.get(name);
  const key = known ?? importPublicKey(publicKey);
  if (known !== undefined) kept.delete(name);
  kept.set(name, key);
  if (kept.size > PUBLIC_KEYS_KEPT_MAX) {
    const [oldest] = kept.keys();
    if (oldest !== undefined) kept.delete(oldest);
  }
  return key;
}

function importPublicKey(publicKey: Uint8Array): KeyObject {
  return createPublicKey({
    key: Buffer.from(publicKey),
    format: 'raw-public',
    asymmetricKeyType: SUITE,
  });
}

/** Kept as long as the seed's array lives; whoever holds a seed does not write into it. */
function secretKeyOf(seed: Uint8Array, kept: WeakMap<Uint8Array, KeyObject>): KeyObject {
  const known = kept.get(seed);
  if (known !== undefined) return known;
  assertSeed(seed);
  const key = createPrivateKey({
    key: Buffer.from(seed),
    format: 'raw-seed',
    asymmetricKeyType: SUITE,
  });
  kept.set(seed, key);
  return key;
}

function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
