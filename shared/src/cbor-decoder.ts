// Reads deterministic CBOR (RFC 8949 §4.2.1) and nothing else, in one pass: shortest heads, definite
// lengths, keys in order and once, valid UTF-8. What it accepts is the one encoding of its value.

import { isKeyBefore } from './cbor-encoder.ts';
import { CBOR_DEPTH_MAX, type CborValue } from './cbor-value.ts';

/** Ends the reading of bytes that are no CBOR of ours. */
export class MalformedCbor extends Error {
  override readonly name = 'MalformedCbor';
}

export class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Why the bytes are not the canonical encoding of what was read. */
  nonCanonical: string | undefined;

  constructor(bytes: Uint8Array) {
    // A plain array whatever subclass came, so that slices are copies.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The value that all bytes give. @throws {MalformedCbor} */
  read(): CborValue {
    const value = this.#value(0);
    if (this.#at === this.#bytes.byteLength) return value;
    throw new MalformedCbor(`${this.#bytes.byteLength - this.#at} bytes behind the value`);
  }

  #value(depth: number): CborValue {
    if (depth > CBOR_DEPTH_MAX) throw new MalformedCbor(`nested deeper than ${CBOR_DEPTH_MAX}`);
    const initial = this.#byte();
    const major = initial >> 5;
    const info = initial & 31;
    if (major === 7) return this.#simple(info);
    const argument = this.#argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        if (argument < Number.MAX_SAFE_INTEGER) return -1 - argument;
        throw new MalformedCbor('an integer beyond 2^53');
      case 2:
        return this.#take(argument).slice();
      case 3:
        return this.#text(argument);
      case 4:
        return this.#list(argument, depth);
      case 5:
        return this.#map(argument, depth);
      default:
        throw new MalformedCbor('tags are not taken');
    }
  }

  #list(length: number, depth: number): CborValue[] {
    this.#expectItems(length);
    const list: CborValue[] = [];
    for (let i = 0; i < length; i++) list.push(this.#value(depth + 1));
    return list;
  }

  #map(length: number, depth: number): { readonly [key: string]: CborValue } {
    this.#expectItems(length * 2);
    const map: Record<string, CborValue> = {};
    let last: string | undefined;
    for (let i = 0; i < length; i++) {
      const key = this.#key();
      if (Object.hasOwn(map, key)) throw new MalformedCbor(`the key ${key} stands twice`);
      if (last !== undefined && !isKeyBefore(last, key)) {
        this.nonCanonical ??= `the key ${key} stands behind ${last}`;
      }
      last = key;
      map[key] = this.#value(depth + 1);
    }
    return map;
  }

  #key(): string {
    const initial = this.#byte();
    if (initial >> 5 !== 3) throw new MalformedCbor('a key that is no text');
    const key = this.#text(this.#argument(initial & 31));
    if (key === '__proto__') throw new MalformedCbor('the key __proto__');
    return key;
  }

  #text(length: number): string {
    const bytes = this.#take(length);
    if (length <= SHORT_TEXT && isAscii(bytes)) return String.fromCharCode(...bytes);
    try {
      return STRICT.decode(bytes);
    } catch {
      this.nonCanonical ??= 'text that is no UTF-8';
      return LENIENT.decode(bytes);
    }
  }

  #simple(info: number): CborValue {
    if (info === 20) return false;
    if (info === 21) return true;
    if (info === 22) return null;
    const value = this.#float(info);
    if (value === undefined || !Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new MalformedCbor('neither a whole number nor false, true or null');
    }
    this.nonCanonical ??= 'a whole number as float';
    return value;
  }

  /** Read only to tell a wrong encoding of an integer from what has none. */
  #float(info: number): number | undefined {
    if (info === 25) return halfOf(this.#take(2));
    if (info === 26) return this.#view.getFloat32(this.#skip(4));
    return info === 27 ? this.#view.getFloat64(this.#skip(8)) : undefined;
  }

  /** The argument of a head, which must stand in the fewest bytes. */
  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new MalformedCbor('an indefinite or reserved length');
    const view = this.#view;
    const at = this.#skip(1 << (info - 24));
    const [argument, least] =
      info === 24
        ? [view.getUint8(at), 24]
        : info === 25
          ? [view.getUint16(at), 2 ** 8]
          : info === 26
            ? [view.getUint32(at), 2 ** 16]
            : [view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4), 2 ** 32];
    if (argument < least) throw new MalformedCbor(`${argument} in more bytes than it needs`);
    if (argument > Number.MAX_SAFE_INTEGER) throw new MalformedCbor('an integer beyond 2^53');
    return argument;
  }

  #byte(): number {
    return this.#bytes[this.#skip(1)] as number;
  }

  /** The next bytes, not copied. */
  #take(length: number): Uint8Array {
    const at = this.#skip(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Passes over so many bytes and returns where they begin. */
  #skip(length: number): number {
    const at = this.#at;
    this.#at += length;
    const missing = this.#at - this.#bytes.byteLength;
    if (missing > 0) throw new MalformedCbor(`ends ${missing} bytes too early`);
    return at;
  }

  /** Every item takes a byte at least. */
  #expectItems(items: number): void {
    const left = this.#bytes.byteLength - this.#at;
    if (items > left) throw new MalformedCbor(`${items} items in ${left} bytes`);
  }
}

/** Longest text that is read without a decoder. */
const SHORT_TEXT = 32;
// A byte order mark is text like any other.
const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder('utf-8', { ignoreBOM: true });

function isAscii(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte >= 0x80) return false;
  return true;
}

/** IEEE 754 binary16, big endian. */
function halfOf(bytes: Uint8Array): number {
  const [high = 0, low = 0] = bytes;
  const [exponent, fraction] = [(high >> 2) & 31, ((high & 3) << 8) | low];
  if (exponent === 31) return fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  const size = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return high >= 0x80 ? -size : size;
}
