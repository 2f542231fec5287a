// Frames that their author signed over a body in another encoding than the canonical one.

import { encodeBody, type Identity } from '@starling/crypto';
import {
  type CborValue,
  decodeCanonical,
  encodeCanonical,
  type FederationId,
  type MessageDefinition,
  signingContext,
} from '@starling/shared';

/** The same map of fewer than 24 entries with its keys in the wrong order. */
export function nonCanonical(map: Uint8Array): Uint8Array {
  const decoded = decodeCanonical(map, map.byteLength);
  const entries = Object.entries((decoded.ok ? decoded.value : {}) as Record<string, CborValue>);
  const parts = entries.map(([key, value]) => [encodeCanonical(key), encodeCanonical(value)]);
  return new Uint8Array(Buffer.concat([map.subarray(0, 1), ...parts.toReversed().flat()]));
}

/** A statement whose signature holds and whose body is not canonical. */
export function nonCanonicalFrame<T>(
  identity: Identity,
  definition: MessageDefinition<T>,
  federation: FederationId,
  body: T,
): Uint8Array {
  const bytes = nonCanonical(encodeBody(definition, body));
  return signedFrame(identity, definition, federation, bytes);
}

/** A statement over any bytes, with a signature that holds. */
export function signedFrame<T>(
  identity: Identity,
  { type }: MessageDefinition<T>,
  federation: FederationId,
  body: Uint8Array,
): Uint8Array {
  const signed = encodeCanonical({ body, federation, sender: identity.member, type, v: 1 });
  const signature = identity.sign(signed, signingContext(type));
  return encodeCanonical({ signature, signed });
}
