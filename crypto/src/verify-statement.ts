// A statement verified from its parts, as a certificate holds them.

import { type MessageDefinition, signingContext } from '@starling/shared';
import { verifySignature } from './identity.ts';
import { type SignedStatement, statementBytes } from './seal-message.ts';
import { selectSignatureBackend } from './signatures/select-signature-backend.ts';
import type { SignatureBackend } from './signatures/signature-backend.ts';

export interface StatementParts extends SignedStatement {
  /** Public key of `sender`; 1952 bytes. */
  readonly publicKey: Uint8Array;
}

/**
 * True when `sender` signed this body. It says nothing about the body's shape.
 * @throws {TypeError} when the definition is not a statement.
 */
export function verifyStatement<T>(
  definition: MessageDefinition<T>,
  parts: StatementParts,
  backend: SignatureBackend = selectSignatureBackend(),
): boolean {
  const { federation, sender, bodyBytes } = parts;
  const signed = statementBytes(definition, federation, sender, bodyBytes);
  const context = signingContext(definition.type);
  return verifySignature(parts.publicKey, signed, context, parts.signature, backend);
}
