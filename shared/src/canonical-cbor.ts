// Deterministic CBOR (RFC 8949 §4.2): one value, one encoding. The decoder takes no other one, so
// what it accepts is what the encoder writes; tests hold both against a library.

import { CborReader, MalformedCbor } from './cbor-decoder.ts';
import { writeCbor } from './cbor-encoder.ts';
import type { CborValue } from './cbor-value.ts';

export { CBOR_DEPTH_MAX, type CborValue } from './cbor-value.ts';

export type CborFault = 'oversized' | 'malformed-cbor' | 'non-canonical-cbor';

export type CborResult =
  | { readonly ok: true; readonly value: CborValue }
  | { readonly ok: false; readonly fault: CborFault; readonly detail: string };

/**
 * Encodes a value canonically.
 * @throws {TypeError} on floats, undefined, bigints, text with lone surrogates, the key
 * `__proto__` or anything else outside {@link CborValue}.
 */
export function encodeCanonical(value: CborValue): Uint8Array {
  return writeCbor(value);
}

/**
 * Decodes bytes that must be the canonical encoding of one value; never throws. The value shares no
 * memory with them.
 */
export function decodeCanonical(bytes: Uint8Array, bytesMax: number): CborResult {
  if (bytes.byteLength > bytesMax) {
    return refuse('oversized', `${bytes.byteLength} bytes, at most ${bytesMax} are taken`);
  }
  const reader = new CborReader(bytes);
  try {
    const value = reader.read();
    const { nonCanonical } = reader;
    return nonCanonical === undefined
      ? { ok: true, value }
      : refuse('non-canonical-cbor', nonCanonical);
  } catch (error) {
    if (error instanceof MalformedCbor) return refuse('malformed-cbor', error.message);
    throw error;
  }
}

/** True when both arrays hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let i = 0; i < a.byteLength; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

function refuse(fault: CborFault, detail: string): CborResult {
  return { ok: false, fault, detail };
}
