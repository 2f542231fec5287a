// A message of which everything but the signature was checked. Whoever is short of time decides by
// it whether the signature is worth verifying; nothing may be believed before.

import {
  type BodyOf,
  type Checked,
  checked,
  type MessageDefinition,
  type Opened,
  refused,
  signingContext,
  type Verified,
} from '@starling/shared';
import type { OpenOptions } from './open-message.ts';
import { decodeAs, headerRefusal, parseFrame } from './parse-frame.ts';
import type { SignatureClaim } from './signature-claim.ts';

/** Its type is its promise: `sender` only claims to have said this. */
export interface UnprovedMessage<T> {
  readonly claimed: Opened<T>;
  readonly claim: SignatureClaim;
}

/**
 * Checks size, canonical frame and header, type, federation, form, expiry, sender, canonical body
 * and its shape. Never throws whatever the bytes are.
 */
export function readUnproved<D extends MessageDefinition<unknown>>(
  bytes: Uint8Array,
  allowed: readonly D[],
  { keyOf, ...expected }: Omit<OpenOptions, 'backend'>,
): Checked<UnprovedMessage<BodyOf<D>>> {
  const parsed = parseFrame<unknown>(bytes, allowed);
  if (!parsed.ok) return parsed;
  const { definition, header, signature, signed } = parsed.value;
  const fault = headerRefusal(parsed.value, expected);
  if (fault !== undefined) return { ok: false, refusal: fault };
  const publicKey = keyOf(header.sender);
  if (publicKey === undefined) {
    return refused('unknown-sender', `${header.sender} is no active member`);
  }
  const { schema, type, bodyBytesMax } = definition;
  const body = decodeAs(header.body, schema, type, bodyBytesMax);
  if (!body.ok) return body;
  const { body: bodyBytes, expiresAtMs, federation, sender, seq } = header;
  const claimed = { type, federation, sender, seq, expiresAtMs, bodyBytes, signature };
  return checked({
    claimed: Object.freeze({ ...claimed, body: body.value as BodyOf<D> }),
    claim: { publicKey, message: signed, context: signingContext(type), signature },
  });
}

/** The message once its claim was found to hold; what was found false is refused. */
export function provedMessage<T>(
  { claimed }: UnprovedMessage<T>,
  holds: boolean,
): Checked<Verified<T>> {
  if (!holds) return refused('bad-signature', `${claimed.type} of ${claimed.sender}`);
  return checked(claimed as Verified<T>);
}
