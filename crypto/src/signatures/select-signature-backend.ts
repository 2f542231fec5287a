// Native signatures where the runtime has them, portable ones elsewhere.

import { nobleSignatures } from './noble-signatures.ts';
import { hasNodeSignatures, nodeSignatures } from './node-signatures.ts';
import { type SignatureBackend, type SignatureSuite, SUITE } from './signature-backend.ts';

/** The backend of this process, chosen at the first call. */
export function selectSignatureBackend(suite: SignatureSuite = SUITE): SignatureBackend {
  const known = selected.get(suite);
  if (known !== undefined) return known;
  const backend = hasNodeSignatures(suite) ? nodeSignatures(suite) : nobleSignatures(suite);
  selected.set(suite, backend);
  return backend;
}

const selected = new Map<SignatureSuite, SignatureBackend>();
