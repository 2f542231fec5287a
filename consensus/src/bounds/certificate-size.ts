// What a certificate weighs: post-quantum signatures do not aggregate, so each signer costs one.

import { quorumSize } from '../quorum.ts';

/** Of ML-DSA-65 (FIPS 204, table 2). */
export const ML_DSA_65_SIGNATURE_BYTES = 3309;
/** A member id of 32 bytes and what CBOR needs around it and the signature. */
export const SIGNER_OVERHEAD_BYTES = 39;

/** Bytes of the signatures of a quorum of `voters`. */
export function certificateBytes(
  voters: number,
  signatureBytes: number = ML_DSA_65_SIGNATURE_BYTES,
): number {
  return quorumSize(voters) * (signatureBytes + SIGNER_OVERHEAD_BYTES);
}
