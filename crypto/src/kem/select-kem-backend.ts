// Native key encapsulation where the runtime has it, portable one elsewhere.

import { KEM_SIZES, type KemBackend, type KemSuite } from './kem-backend.ts';
import { nobleKem } from './noble-kem.ts';
import { nodeMlKem } from './node-ml-kem.ts';
import { nodeXWing } from './node-x-wing.ts';

/** The backend of this process, chosen at the first call. */
export function selectKemBackend(suite: KemSuite): KemBackend {
  const known = selected.get(suite);
  if (known !== undefined) return known;
  const backend = hasNodeKem(suite) ? nodeKem(suite) : nobleKem(suite);
  selected.set(suite, backend);
  return backend;
}

/** The native backend of a suite. */
export function nodeKem(suite: KemSuite): KemBackend {
  return suite === 'x-wing' ? nodeXWing() : nodeMlKem(suite);
}

/** True when this runtime encapsulates natively. */
export function hasNodeKem(suite: KemSuite): boolean {
  try {
    const backend = nodeKem(suite);
    const key = backend.createKey(new Uint8Array(KEM_SIZES[suite].seedBytes));
    const sent = backend.encapsulate(key.publicKey);
    return sent !== undefined && key.decapsulate(sent.ciphertext) !== undefined;
  } catch {
    return false;
  }
}

const selected = new Map<KemSuite, KemBackend>();
