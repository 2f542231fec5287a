// Native signatures where the runtime has them, portable ones elsewhere.

import { nobleSignatures } from './noble-signatures.ts';
import { hasNodeSignatures, nodeSignatures } from './node-signatures.ts';
import type { SignatureBackend } from './signature-backend.ts';

/** The backend of this process, chosen at the first call. */
export function selectSignatureBackend(): SignatureBackend {
  selected ??= hasNodeSignatures() ? nodeSignatures() : nobleSignatures();
  return selected;
}

let selected: SignatureBackend | undefined;
