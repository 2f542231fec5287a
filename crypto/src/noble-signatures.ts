// ML-DSA-65 in JavaScript, for runtimes whose node:crypto lacks it. Not constant time, and not
// independently audited: the native backend is preferred wherever it exists.

import { randomBytes } from 'node:crypto';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import {
  assertContext,
  assertSeed,
  isVerifiable,
  SEED_BYTES,
  type SignatureBackend,
} from './signature-backend.ts';

/** The portable backend. */
export function nobleSignatures(): SignatureBackend {
  const expanded = new WeakMap<Uint8Array, Expanded>();
  return Object.freeze<SignatureBackend>({
    name: 'noble',
    generate() {
      const secretSeed = new Uint8Array(randomBytes(SEED_BYTES));
      return { secretSeed, publicKey: expand(secretSeed, expanded).publicKey.slice() };
    },
    publicKeyOf(secretSeed) {
      return expand(secretSeed, expanded).publicKey.slice();
    },
    sign(secretSeed, message, context) {
      assertContext(context);
      return ml_dsa65.sign(message, expand(secretSeed, expanded).secretKey, { context });
    },
    verify(publicKey, message, context, signature) {
      if (!isVerifiable(publicKey, context, signature)) return false;
      try {
        return ml_dsa65.verify(signature, message, publicKey, { context });
      } catch {
        return false;
      }
    },
  });
}

interface Expanded {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Kept as long as the seed's array lives; whoever holds a seed does not write into it. */
function expand(seed: Uint8Array, kept: WeakMap<Uint8Array, Expanded>): Expanded {
  const known = kept.get(seed);
  if (known !== undefined) return known;
  assertSeed(seed);
  const pair = ml_dsa65.keygen(seed);
  kept.set(seed, pair);
  return pair;
}
