// Everything about a frame that is known before its signature is verified, cheapest check first.

import {
  type Checked,
  checked,
  decodeCanonical,
  ENVELOPE_OVERHEAD_BYTES,
  type FederationId,
  frameSchema,
  type Header,
  headerSchema,
  type MessageDefinition,
  type Refusal,
  refusal,
  refused,
} from '@starling/shared';

/** How far a sender's clock may run ahead of ours, or behind it. */
export const CLOCK_SKEW_MAX_MS = 30_000;

export interface FrameExpectation {
  readonly federation: FederationId;
  readonly nowMs: number;
}

/** A frame in one of the allowed types, with nothing proved yet. */
export interface ParsedFrame<T> {
  readonly definition: MessageDefinition<T>;
  readonly header: Header;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Size, canonical form, header, type. Never throws; the result shares no memory with `bytes`. */
export function parseFrame<T>(
  bytes: Uint8Array,
  allowed: readonly MessageDefinition<T>[],
): Checked<ParsedFrame<T>> {
  const bodyBytesMax = allowed.reduce((most, { bodyBytesMax }) => Math.max(most, bodyBytesMax), 0);
  const bytesMax = bodyBytesMax + ENVELOPE_OVERHEAD_BYTES;
  if (bytes.byteLength > bytesMax) {
    return refused('oversized', `a frame of ${bytes.byteLength} bytes, at most ${bytesMax}`);
  }
  const frame = decodeAs(new Uint8Array(bytes), frameSchema, 'frame', bytesMax);
  if (!frame.ok) return frame;
  const { signed, signature } = frame.value;
  const header = decodeAs(signed, headerSchema, 'header', bytesMax);
  if (!header.ok) return header;
  const { type, body } = header.value;
  const definition = allowed.find((candidate) => candidate.type === type);
  if (definition === undefined) return refused('wrong-type', `${type} is not expected here`);
  if (body.byteLength > definition.bodyBytesMax) {
    const most = definition.bodyBytesMax;
    return refused('oversized', `a ${type} body of ${body.byteLength} bytes, at most ${most}`);
  }
  return checked({ definition, header: header.value, signed, signature });
}

/** Why the header's federation, form or expiry is refused; undefined when all three hold. */
export function headerRefusal<T>(
  { definition, header }: ParsedFrame<T>,
  { federation, nowMs }: FrameExpectation,
): Refusal | undefined {
  if (header.federation !== federation) {
    return refusal('wrong-federation', `${header.type} of federation ${header.federation}`);
  }
  const { seq, expiresAtMs } = header;
  if (definition.form === 'statement') {
    if (seq === undefined && expiresAtMs === undefined) return undefined;
    return refusal('wrong-shape', `${header.type} is a statement, but has seq or expiry`);
  }
  if (seq === undefined || expiresAtMs === undefined) {
    return refusal('wrong-shape', `${header.type} is an envelope, but lacks seq or expiry`);
  }
  // A replay is refused by its sequence number, however long the message lives.
  const endMs = expiresAtMs + CLOCK_SKEW_MAX_MS;
  if (endMs <= nowMs) {
    return refusal('expired', `${header.type} expired ${nowMs - endMs} ms ago`);
  }
  const latestMs = nowMs + definition.lifetimeMs + CLOCK_SKEW_MAX_MS;
  if (expiresAtMs > latestMs) {
    return refusal('not-yet-valid', `${header.type} outlives us by ${expiresAtMs - latestMs} ms`);
  }
  return undefined;
}

/** Canonical decoding, then the shape. Never throws. */
export function decodeAs<T>(
  bytes: Uint8Array,
  schema: MessageDefinition<T>['schema'],
  what: string,
  bytesMax: number,
): Checked<T> {
  const decoded = decodeCanonical(bytes, bytesMax);
  if (!decoded.ok) return refused(decoded.fault, `${what}: ${decoded.detail}`);
  const parsed = schema.safeParse(decoded.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return refused('wrong-shape', `${what} at ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return checked(parsed.data);
}
