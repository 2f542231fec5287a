// Who signs: a member is named by the digest of its ML-DSA-65 public key.

import { randomBytes } from 'node:crypto';
import type { MemberId } from '@starling/shared';
import { digestOf } from './digest.ts';
import { hkdfSha256 } from './hkdf.ts';
import { selectSignatureBackend } from './signatures/select-signature-backend.ts';
import { assertSeed, SEED_BYTES, type SignatureBackend } from './signatures/signature-backend.ts';

export const MEMBER_DOMAIN = 'starling/member/v1';

/** A member that can sign. The secret stays inside. */
export interface Identity {
  readonly member: MemberId;
  /** 1952 bytes. */
  readonly publicKey: Uint8Array;
  /**
   * ML-DSA-65 over `message` under a context string such as `signingContext(type)`; 3309 bytes.
   * @throws {RangeError} when the context is empty or longer than 255 bytes.
   */
  sign(message: Uint8Array, context: string): Uint8Array;
  /**
   * A secret of 32 bytes that follows from the member's seed and `info` (HKDF-SHA256): a key of one
   * session that must be found again after a restart without being stored.
   * @throws {RangeError} when `info` is empty or longer than 1024 bytes.
   */
  deriveSecret(info: Uint8Array): Uint8Array;
}

/** A fresh secret: 32 random bytes. */
export function generateSeed(): Uint8Array {
  return new Uint8Array(randomBytes(SEED_BYTES));
}

/**
 * The identity of a 32-byte seed, of a fresh one when none is given.
 * @throws {RangeError} when the seed is not 32 bytes.
 */
export function createIdentity(
  seed: Uint8Array = generateSeed(),
  backend: SignatureBackend = selectSignatureBackend(),
): Identity {
  assertSeed(seed);
  const secret = new Uint8Array(seed);
  const publicKey = backend.publicKeyOf(secret);
  return Object.freeze<Identity>({
    member: memberIdOf(publicKey),
    publicKey,
    sign: (message, context) => backend.sign(secret, message, new TextEncoder().encode(context)),
    deriveSecret(info) {
      if (info.byteLength === 0) throw new RangeError('a derived secret needs an info of its own');
      return hkdfSha256(secret, info);
    },
  });
}

/** SHA3-256 of `starling/member/v1` and the public key. */
export function memberIdOf(publicKey: Uint8Array): MemberId {
  const named = Buffer.concat([new TextEncoder().encode(MEMBER_DOMAIN), publicKey]);
  return digestOf(named) as string as MemberId;
}

/** Verifies a signature under a context string; false for malformed input, never throws. */
export function verifySignature(
  publicKey: Uint8Array,
  message: Uint8Array,
  context: string,
  signature: Uint8Array,
  backend: SignatureBackend = selectSignatureBackend(),
): boolean {
  return backend.verify(publicKey, message, new TextEncoder().encode(context), signature);
}
