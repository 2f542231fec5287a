// ML-KEM and X-Wing in JavaScript, for runtimes whose node:crypto lacks them. Not constant time,
// and not independently audited: the native backend is preferred wherever it exists.

import { ml_kem768_x25519 } from '@noble/post-quantum/hybrid.js';
import { ml_kem512, ml_kem768, ml_kem1024 } from '@noble/post-quantum/ml-kem.js';
import type { KEM } from '@noble/post-quantum/utils.js';
import { assertKemSeed, type KemBackend, type KemSuite } from './kem-backend.ts';

/** The library's mechanisms, by suite. */
export const NOBLE_KEM: Readonly<Record<KemSuite, KEM>> = Object.freeze({
  'ml-kem-512': ml_kem512,
  'ml-kem-768': ml_kem768,
  'ml-kem-1024': ml_kem1024,
  'x-wing': ml_kem768_x25519,
});

/** The portable backend. */
export function nobleKem(suite: KemSuite): KemBackend {
  const kem = NOBLE_KEM[suite];
  return Object.freeze<KemBackend>({
    name: 'noble',
    suite,
    createKey(seed) {
      assertKemSeed(suite, seed);
      const { publicKey, secretKey } = kem.keygen(new Uint8Array(seed));
      return Object.freeze({
        publicKey,
        decapsulate(ciphertext: Uint8Array) {
          try {
            return kem.decapsulate(ciphertext, secretKey).slice();
          } catch {
            return undefined;
          }
        },
      });
    },
    encapsulate(publicKey) {
      try {
        const { cipherText, sharedSecret } = kem.encapsulate(publicKey);
        return { ciphertext: cipherText, sharedSecret: sharedSecret.slice() };
      } catch {
        return undefined;
      }
    },
  });
}
