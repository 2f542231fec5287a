// One signature that is to be verified, apart from the verifying: so that it is done later, on a
// thread, together with others, or not at all.

import { type Digest, type MessageDefinition, signingContext } from '@starling/shared';
import { domainDigest } from './digest.ts';
import { verifySignature } from './identity.ts';
import { statementBytes } from './seal-message.ts';
import { selectSignatureBackend } from './signatures/select-signature-backend.ts';
import type { StatementParts } from './verify-statement.ts';

export interface SignatureClaim {
  /** 1952 bytes. */
  readonly publicKey: Uint8Array;
  /** The signed bytes. */
  readonly message: Uint8Array;
  readonly context: string;
  readonly signature: Uint8Array;
}

/** Answers whether a claim holds; never rejects. */
export type VerifyClaim = (claim: SignatureClaim) => Promise<boolean>;

/**
 * That `sender` signed this body.
 * @throws {TypeError} when the definition is not a statement.
 */
export function statementClaim<T>(
  definition: MessageDefinition<T>,
  { federation, sender, publicKey, bodyBytes, signature }: StatementParts,
): SignatureClaim {
  const message = statementBytes(definition, federation, sender, bodyBytes);
  return { publicKey, message, context: signingContext(definition.type), signature };
}

/** Names a claim: two of the same name hold or fail together. */
export function claimDigest({ publicKey, message, context, signature }: SignatureClaim): Digest {
  const said = new TextEncoder().encode(context);
  return domainDigest('starling/signature-claim/v1', publicKey, said, message, signature);
}

/** Verifies on a thread where the runtime has one, else between two turns. */
export const verifyLater: VerifyClaim = ({ publicKey, message, context, signature }) =>
  selectSignatureBackend().verifyAsync(
    publicKey,
    message,
    new TextEncoder().encode(context),
    signature,
  );

/** Verifies at once, for callers whose time is moved by hand. */
export const verifyNow: VerifyClaim = async ({ publicKey, message, context, signature }) =>
  verifySignature(publicKey, message, context, signature);
