// Deterministic CBOR (RFC 8949 §4.2): one value, one encoding. Decoders accept unsorted keys even
// in strict mode, so a decoded value is encoded again and must give the same bytes.

import { decode, encode, rfc8949EncodeOptions } from 'cborg';

/** Nesting beyond this is refused before any parser recurses into it. */
export const CBOR_DEPTH_MAX = 16;

export type CborValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue };

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
  assertEncodable(value, 0);
  return encode(value, rfc8949EncodeOptions);
}

/** Decodes bytes that must be the canonical encoding of one value; never throws. */
export function decodeCanonical(bytes: Uint8Array, bytesMax: number): CborResult {
  if (bytes.byteLength > bytesMax) {
    return refuse('oversized', `${bytes.byteLength} bytes, at most ${bytesMax} are taken`);
  }
  const depth = nestingDepth(bytes);
  if (depth > CBOR_DEPTH_MAX) {
    return refuse('malformed-cbor', `nested deeper than ${CBOR_DEPTH_MAX}`);
  }
  try {
    const value = decode(bytes, DECODE_OPTIONS) as CborValue;
    const again = encodeCanonical(value);
    if (!equalBytes(again, bytes)) {
      return refuse('non-canonical-cbor', 'the bytes are not the canonical encoding of the value');
    }
    return { ok: true, value };
  } catch (error) {
    return refuse('malformed-cbor', error instanceof Error ? error.message : String(error));
  }
}

/** True when both arrays hold the same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  const { byteLength } = a;
  if (byteLength !== b.byteLength || a[0] !== b[0]) return false;
  // Views are of one class whatever came, a Buffer or a plain array, so this loop stays compiled.
  const left = new DataView(a.buffer, a.byteOffset, byteLength);
  const right = new DataView(b.buffer, b.byteOffset, byteLength);
  let at = 0;
  for (; at + 4 <= byteLength; at += 4) {
    if (left.getUint32(at) !== right.getUint32(at)) return false;
  }
  for (; at < byteLength; at++) if (left.getUint8(at) !== right.getUint8(at)) return false;
  return true;
}

const DECODE_OPTIONS = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowInfinity: false,
  allowNaN: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  useMaps: false,
} as const;

function refuse(fault: CborFault, detail: string): CborResult {
  return { ok: false, fault, detail };
}

function assertEncodable(value: unknown, depth: number): void {
  if (depth > CBOR_DEPTH_MAX) throw new TypeError(`nested deeper than ${CBOR_DEPTH_MAX}`);
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') {
    // A lone surrogate would be written as U+FFFD: two values with one encoding.
    if (value.isWellFormed()) return;
    throw new TypeError('text with a lone surrogate has no encoding');
  }
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return;
    throw new TypeError(`only safe integers are encoded, got ${value}`);
  }
  if (value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    for (const item of value) assertEncodable(item, depth + 1);
    return;
  }
  if (typeof value === 'object' && isPlain(value)) {
    for (const [key, item] of Object.entries(value)) {
      if (key === '__proto__' || !key.isWellFormed()) throw new TypeError(`${key} is no key`);
      assertEncodable(item, depth + 1);
    }
    return;
  }
  throw new TypeError(`a ${typeof value} has no canonical encoding`);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Upper bound of array, map and tag nesting, read from the initial bytes without recursion. */
function nestingDepth(bytes: Uint8Array): number {
  const remaining: number[] = [];
  let deepest = 0;
  let at = 0;
  while (at < bytes.byteLength) {
    const head = readHead(bytes, at);
    if (head === undefined) return deepest;
    at = head.next;
    if (head.items > 0) {
      remaining.push(head.items);
      deepest = Math.max(deepest, remaining.length);
      if (deepest > CBOR_DEPTH_MAX) return deepest;
      continue;
    }
    while (remaining.length > 0) {
      const left = (remaining.pop() ?? 0) - 1;
      if (left > 0) {
        remaining.push(left);
        break;
      }
    }
  }
  return deepest;
}

interface Head {
  /** Offset behind this head and, for strings, its content. */
  readonly next: number;
  /** Child items that follow: array entries, map keys and values, a tag's content. */
  readonly items: number;
}

function readHead(bytes: Uint8Array, at: number): Head | undefined {
  const initial = bytes[at] ?? 0;
  const major = initial >> 5;
  const info = initial & 31;
  if (info > 27) return undefined;
  const width = info < 24 ? 0 : 1 << (info - 24);
  let argument = info;
  if (width > 0) {
    if (at + width >= bytes.byteLength) return undefined;
    argument = 0;
    for (let i = 1; i <= width; i++) argument = argument * 256 + (bytes[at + i] ?? 0);
  }
  const next = at + 1 + width;
  if (major === 2 || major === 3) return { next: next + argument, items: 0 };
  if (major === 4) return { next, items: argument };
  if (major === 5) return { next, items: argument * 2 };
  if (major === 6) return { next, items: 1 };
  return { next, items: 0 };
}
