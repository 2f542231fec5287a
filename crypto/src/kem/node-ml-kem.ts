// ML-KEM by the runtime itself: node:crypto over OpenSSL 3.5, Node 24.7 and later.

// A namespace, because naming an export that an older runtime lacks would stop the import.
import * as runtime from 'node:crypto';
import { importPublicKey, importSecretKey, publicBytesOf } from '../node-keys.ts';
import { assertKemSeed, KEM_SIZES, type KemBackend, type MlKemSuite } from './kem-backend.ts';

/** The native backend; `createKey` throws where the runtime has no ML-KEM. */
export function nodeMlKem(suite: MlKemSuite): KemBackend {
  const { ciphertextBytes } = KEM_SIZES[suite];
  return Object.freeze<KemBackend>({
    name: 'node',
    suite,
    createKey(seed) {
      assertKemSeed(suite, seed);
      const key = importSecretKey(suite, seed);
      return Object.freeze({
        publicKey: publicBytesOf(key),
        decapsulate(ciphertext: Uint8Array) {
          if (ciphertext.byteLength !== ciphertextBytes) return undefined;
          try {
            return taken(runtime.decapsulate(key, ciphertext));
          } catch {
            return undefined;
          }
        },
      });
    },
    encapsulate(publicKey) {
      try {
        const { ciphertext, sharedKey } = runtime.encapsulate(importPublicKey(suite, publicKey));
        return { ciphertext: taken(ciphertext), sharedSecret: taken(sharedKey) };
      } catch {
        return undefined;
      }
    },
  });
}

/** A plain array, and no second copy of a secret. */
function taken(buffer: Buffer): Uint8Array {
  const bytes = new Uint8Array(buffer);
  buffer.fill(0);
  return bytes;
}
