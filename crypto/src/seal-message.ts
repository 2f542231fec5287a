// Bytes are signed, not objects: a body is encoded once and travels as it was signed.

import {
  type CborValue,
  type Digest,
  encodeCanonical,
  type FederationId,
  type MemberId,
  type MessageDefinition,
  signingContext,
  WIRE_VERSION,
} from '@starling/shared';
import { digestOf } from './digest.ts';
import type { Identity } from './identity.ts';

/** What a sender says. Envelopes need `seq` and `nowMs`; statements take neither. */
export interface MessageContent<T> {
  readonly federation: FederationId;
  readonly body: T;
  /** Greater than every number this sender used before. */
  readonly seq?: number;
  readonly nowMs?: number;
}

/**
 * The frame of a message, signed by `identity` under the message's own context.
 * @throws {TypeError} when the body does not fit its schema or size, or when an envelope lacks
 * `seq` or `nowMs`, or a statement has one of them.
 */
export function sealMessage<T>(
  identity: Identity,
  definition: MessageDefinition<T>,
  content: MessageContent<T>,
): Uint8Array {
  const bodyBytes = encodeBody(definition, content.body);
  const { federation } = content;
  const bound =
    definition.form === 'statement'
      ? unboundFields(definition, content)
      : envelopeFields(definition, content);
  const signed = headerBytes(definition.type, federation, identity.member, bodyBytes, bound);
  const signature = identity.sign(signed, signingContext(definition.type));
  return encodeCanonical({ signature, signed });
}

/**
 * The exact bytes that `sender` signs to state this body. They follow from the body alone, so a
 * certificate verifies from the body and each voter's (member, signature).
 * @throws {TypeError} when the definition is not a statement.
 */
export function statementBytes<T>(
  definition: MessageDefinition<T>,
  federation: FederationId,
  sender: MemberId,
  bodyBytes: Uint8Array,
): Uint8Array {
  if (definition.form !== 'statement') {
    throw new TypeError(`${definition.type} is an envelope: its signed bytes are not fixed`);
  }
  return headerBytes(definition.type, federation, sender, bodyBytes, {});
}

/** A signed statement apart: certificates keep the signature, others know the body. */
export interface SignedStatement {
  readonly federation: FederationId;
  readonly sender: MemberId;
  readonly bodyBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * The very frame that the sender published, from its parts.
 * @throws {TypeError} when the definition is not a statement.
 */
export function statementFrame<T>(
  definition: MessageDefinition<T>,
  { bodyBytes, federation, sender, signature }: SignedStatement,
): Uint8Array {
  const signed = statementBytes(definition, federation, sender, bodyBytes);
  return encodeCanonical({ signature, signed });
}

/** An identity's signature of the statement of these body bytes, as certificates hold it. */
export function signStatement<T>(
  identity: Identity,
  definition: MessageDefinition<T>,
  federation: FederationId,
  bodyBytes: Uint8Array,
): Uint8Array {
  const signed = statementBytes(definition, federation, identity.member, bodyBytes);
  return identity.sign(signed, signingContext(definition.type));
}

/**
 * The canonical bytes of a body.
 * @throws {TypeError} when it does not fit its schema or is larger than `bodyBytesMax`.
 */
export function encodeBody<T>(definition: MessageDefinition<T>, body: T): Uint8Array {
  const parsed = definition.schema.safeParse(body);
  if (!parsed.success) {
    throw new TypeError(`the body is no ${definition.type}: ${parsed.error.message}`);
  }
  const bytes = encodeCanonical(parsed.data as CborValue);
  if (bytes.byteLength > definition.bodyBytesMax) {
    throw new TypeError(
      `the ${definition.type} has ${bytes.byteLength} bytes, at most ${definition.bodyBytesMax}`,
    );
  }
  return bytes;
}

/** The digest that names a body, as `digestOf(message.bodyBytes)` names a received one. */
export function bodyDigest<T>(definition: MessageDefinition<T>, body: T): Digest {
  return digestOf(encodeBody(definition, body));
}

type BoundFields = { readonly seq: number; readonly expiresAtMs: number } | Record<string, never>;

function unboundFields<T>(
  definition: MessageDefinition<T>,
  content: MessageContent<T>,
): BoundFields {
  if (content.seq === undefined && content.nowMs === undefined) return {};
  throw new TypeError(`${definition.type} is a statement: it takes neither seq nor nowMs`);
}

function envelopeFields<T>(
  definition: MessageDefinition<T>,
  content: MessageContent<T>,
): BoundFields {
  const { seq, nowMs } = content;
  if (seq === undefined || nowMs === undefined) {
    throw new TypeError(`${definition.type} is an envelope: it needs seq and nowMs`);
  }
  return { seq, expiresAtMs: Math.floor(nowMs) + definition.lifetimeMs };
}

function headerBytes(
  type: string,
  federation: FederationId,
  sender: MemberId,
  body: Uint8Array,
  bound: BoundFields,
): Uint8Array {
  return encodeCanonical({ body, federation, sender, type, v: WIRE_VERSION, ...bound });
}
