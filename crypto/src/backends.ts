// What computes in this process: chosen once, shown to whoever runs it.

import { getCiphers, getHashes } from 'node:crypto';
import type { BackendName } from './backend-name.ts';
import { selectKemBackend } from './kem/select-kem-backend.ts';
import { selectSignatureBackend } from './signatures/select-signature-backend.ts';

export interface Backends {
  /** ML-DSA-65. */
  readonly signatures: BackendName;
  /** X-Wing. */
  readonly kem: BackendName;
  /** Ciphers and hashes that the runtime lacks; they have no other backend, so it must be empty. */
  readonly missing: readonly string[];
}

const CIPHERS = ['aes-256-gcm', 'chacha20'];
const HASHES = ['sha256', 'sha3-256', 'shake256'];

/** The backends of this process, by family. */
export function chosenBackends(): Backends {
  const [ciphers, hashes] = [new Set(getCiphers()), new Set(getHashes())];
  return {
    signatures: selectSignatureBackend().name,
    kem: selectKemBackend('x-wing').name,
    missing: [
      ...CIPHERS.filter((name) => !ciphers.has(name)),
      ...HASHES.filter((name) => !hashes.has(name)),
    ],
  };
}
