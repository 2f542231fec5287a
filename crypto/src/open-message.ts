// The edge: bytes from the network become a Verified<T> here or nowhere. Each check has a reason of
// its own, and the expensive ones come last.

import {
  type BodyOf,
  type Checked,
  checked,
  type MemberId,
  type MessageDefinition,
  refused,
  signingContext,
  type Verified,
} from '@starling/shared';
import { memberIdOf, verifySignature } from './identity.ts';
import {
  decodeAs,
  type FrameExpectation,
  headerRefusal,
  type ParsedFrame,
  parseFrame,
} from './parse-frame.ts';
import { selectSignatureBackend } from './signatures/select-signature-backend.ts';
import { PUBLIC_KEY_BYTES, type SignatureBackend } from './signatures/signature-backend.ts';

export interface OpenOptions extends FrameExpectation {
  /** The public key of an active member; undefined for everyone else. */
  readonly keyOf: (sender: MemberId) => Uint8Array | undefined;
  readonly backend?: SignatureBackend;
}

export interface SelfSignedOptions<T> extends FrameExpectation {
  /** The public key that the body itself names. */
  readonly keyOfBody: (body: T) => Uint8Array;
  readonly backend?: SignatureBackend;
}

/**
 * Opens a frame of one type, or of one of several: size, canonical frame and header, type,
 * federation, form, expiry, sender, signature, canonical body and its shape, in this order. Never
 * throws whatever the bytes are. Replay is the caller's to check, with `ReplayWindow`.
 */
export function openMessage<T>(
  bytes: Uint8Array,
  definition: MessageDefinition<T>,
  options: OpenOptions,
): Checked<Verified<T>>;
export function openMessage<D extends MessageDefinition<unknown>>(
  bytes: Uint8Array,
  allowed: readonly D[],
  options: OpenOptions,
): Checked<Verified<BodyOf<D>>>;
export function openMessage(
  bytes: Uint8Array,
  allowed: MessageDefinition<unknown> | readonly MessageDefinition<unknown>[],
  options: OpenOptions,
): Checked<Verified<unknown>> {
  const parsed = parseFrame(bytes, 'type' in allowed ? [allowed] : allowed);
  if (!parsed.ok) return parsed;
  const frame = parsed.value;
  const fault = headerRefusal(frame, options);
  if (fault !== undefined) return { ok: false, refusal: fault };
  const publicKey = options.keyOf(frame.header.sender);
  if (publicKey === undefined) {
    return refused('unknown-sender', `${frame.header.sender} is no active member`);
  }
  if (!isSigned(frame, publicKey, options.backend)) {
    return refused('bad-signature', `${frame.header.type} of ${frame.header.sender}`);
  }
  const body = bodyOf(frame);
  return body.ok ? checked(verified(frame, body.value)) : body;
}

/**
 * Opens a frame whose body carries its sender's key: an applicant's join request, the genesis.
 * The key must give the sender's member id; that it belongs to somebody trusted is not shown.
 * Checks as {@link openMessage} does, with the body's shape before the signature.
 */
export function openSelfSigned<T>(
  bytes: Uint8Array,
  definition: MessageDefinition<T>,
  options: SelfSignedOptions<T>,
): Checked<Verified<T>> {
  const parsed = parseFrame(bytes, [definition]);
  if (!parsed.ok) return parsed;
  const frame = parsed.value;
  const fault = headerRefusal(frame, options);
  if (fault !== undefined) return { ok: false, refusal: fault };
  const body = bodyOf(frame);
  if (!body.ok) return body;
  const publicKey = options.keyOfBody(body.value);
  const { sender, type } = frame.header;
  if (publicKey.byteLength !== PUBLIC_KEY_BYTES || memberIdOf(publicKey) !== sender) {
    return refused('bad-signature', `the key in the ${type} is not that of ${sender}`);
  }
  if (!isSigned(frame, publicKey, options.backend)) {
    return refused('bad-signature', `${type} of ${sender}`);
  }
  return checked(verified(frame, body.value));
}

/** Tells which of several allowed types was opened. */
export function isMessageOf<T>(
  message: Verified<unknown>,
  definition: MessageDefinition<T>,
): message is Verified<T> {
  return message.type === definition.type;
}

function isSigned<T>(
  { header, signed, signature }: ParsedFrame<T>,
  publicKey: Uint8Array,
  backend: SignatureBackend = selectSignatureBackend(),
): boolean {
  return verifySignature(publicKey, signed, signingContext(header.type), signature, backend);
}

function bodyOf<T>({ definition, header }: ParsedFrame<T>): Checked<T> {
  return decodeAs(header.body, definition.schema, definition.type, definition.bodyBytesMax);
}

function verified<T>({ header, signature }: ParsedFrame<T>, body: T): Verified<T> {
  return Object.freeze({
    type: header.type,
    federation: header.federation,
    sender: header.sender,
    seq: header.seq,
    expiresAtMs: header.expiresAtMs,
    body,
    bodyBytes: header.body,
    signature,
  }) as Verified<T>;
}
