// ML-DSA in JavaScript, for runtimes whose node:crypto lacks it. Not constant time, and not
// independently audited: the native backend is preferred wherever it exists.

import { scheduler } from 'node:timers/promises';
import { type DSA, ml_dsa44, ml_dsa65, ml_dsa87 } from '@noble/post-quantum/ml-dsa.js';
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

/** The library's signers, by suite. */
export const NOBLE_ML_DSA: Readonly<Record<SignatureSuite, DSA>> = Object.freeze({
  'ml-dsa-44': ml_dsa44,
  'ml-dsa-65': ml_dsa65,
  'ml-dsa-87': ml_dsa87,
});

/** The portable backend. */
export function nobleSignatures(suite: SignatureSuite = SUITE): SignatureBackend {
  const mlDsa = NOBLE_ML_DSA[suite];
  const expanded = new WeakMap<Uint8Array, Expanded>();
  const verifyNow: SignatureBackend['verify'] = (publicKey, message, context, signature) => {
    if (!isVerifiable(suite, publicKey, context, signature)) return false;
    try {
      return mlDsa.verify(signature, message, publicKey, { context });
    } catch {
      return false;
    }
  };
  return Object.freeze<SignatureBackend>({
    name: 'noble',
    suite,
    generate() {
      const secretSeed = systemRandom(SEED_BYTES);
      return { secretSeed, publicKey: expand(suite, secretSeed, expanded).publicKey.slice() };
    },
    publicKeyOf(secretSeed) {
      return expand(suite, secretSeed, expanded).publicKey.slice();
    },
    sign(secretSeed, message, context) {
      assertContext(context);
      return mlDsa.sign(message, expand(suite, secretSeed, expanded).secretKey, { context });
    },
    verify: verifyNow,
    async verifyAsync(...parts) {
      await scheduler.yield();
      return verifyNow(...parts);
    },
  });
}

interface Expanded {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Kept as long as the seed's array lives; whoever holds a seed does not write into it. */
function expand(
  suite: SignatureSuite,
  seed: Uint8Array,
  kept: WeakMap<Uint8Array, Expanded>,
): Expanded {
  const known = kept.get(seed);
  if (known !== undefined) return known;
  assertSeed(seed);
  const pair = NOBLE_ML_DSA[suite].keygen(seed);
  kept.set(seed, pair);
  return pair;
}
