// Writes deterministic CBOR (RFC 8949 §4.2.1): the length first, so that every byte is written once
// and no second copy of a secret stays behind.

import { CBOR_DEPTH_MAX, type CborValue } from './cbor-value.ts';

/**
 * The one encoding of a value.
 * @throws {TypeError} on anything outside {@link CborValue}, text with lone surrogates, the key
 * `__proto__` and nesting beyond `CBOR_DEPTH_MAX`.
 */
export function writeCbor(value: CborValue): Uint8Array {
  const writer = new Writer(bytesOf(value, 0));
  writer.value(value);
  return writer.bytes;
}

/** Order of map keys: that of their encodings, in which the length comes first. */
export function isKeyBefore(key: string, other: string): boolean {
  const [bytes, otherBytes] = [textBytes(key), textBytes(other)];
  if (bytes !== otherBytes) return bytes < otherBytes;
  // Surrogates stand for what UTF-8 sorts behind the rest of the first plane.
  return bytes === key.length ? key < other : compareBytes(key, other) < 0;
}

/** Length of the encoding; refuses what has none. */
function bytesOf(value: unknown, depth: number): number {
  if (depth > CBOR_DEPTH_MAX) throw new TypeError(`nested deeper than ${CBOR_DEPTH_MAX}`);
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return stringBytes(value);
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      throw new TypeError(`only safe integers are encoded, got ${value}`);
    }
    return headBytes(value < 0 ? -1 - value : value);
  }
  if (value instanceof Uint8Array) return headBytes(value.byteLength) + value.byteLength;
  if (Array.isArray(value)) {
    let bytes = headBytes(value.length);
    for (const item of value) bytes += bytesOf(item, depth + 1);
    return bytes;
  }
  if (typeof value === 'object' && isPlain(value)) {
    const keys = Object.keys(value);
    let bytes = headBytes(keys.length);
    for (const key of keys) {
      if (key === '__proto__' || !key.isWellFormed()) throw new TypeError(`${key} is no key`);
      bytes += stringBytes(key) + bytesOf((value as Record<string, unknown>)[key], depth + 1);
    }
    return bytes;
  }
  throw new TypeError(`a ${typeof value} has no canonical encoding`);
}

class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  value(value: CborValue): void {
    if (value === null) this.#head(7, 22);
    else if (typeof value === 'boolean') this.#head(7, value ? 21 : 20);
    else if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') {
      if (value < 0) this.#head(1, -1 - value);
      else this.#head(0, value);
    } else if (value instanceof Uint8Array) {
      this.#head(2, value.byteLength);
      this.bytes.set(value, this.#at);
      this.#at += value.byteLength;
    } else if (isList(value)) {
      this.#head(4, value.length);
      for (const item of value) this.value(item);
    } else this.#map(value);
  }

  #map(map: { readonly [key: string]: CborValue }): void {
    const keys = Object.keys(map).sort((a, b) => (isKeyBefore(a, b) ? -1 : 1));
    this.#head(5, keys.length);
    for (const key of keys) {
      this.#text(key);
      this.value(map[key] as CborValue);
    }
  }

  #text(text: string): void {
    this.#head(3, textBytes(text));
    this.#at += ENCODER.encodeInto(text, this.bytes.subarray(this.#at)).written;
  }

  /** An initial byte and its argument in the fewest bytes. */
  #head(major: number, argument: number): void {
    const initial = major << 5;
    const view = this.#view;
    const at = this.#at;
    this.#at += headBytes(argument);
    if (argument < 24) {
      view.setUint8(at, initial | argument);
    } else if (argument < 2 ** 8) {
      view.setUint8(at, initial | 24);
      view.setUint8(at + 1, argument);
    } else if (argument < 2 ** 16) {
      view.setUint8(at, initial | 25);
      view.setUint16(at + 1, argument);
    } else if (argument < 2 ** 32) {
      view.setUint8(at, initial | 26);
      view.setUint32(at + 1, argument);
    } else {
      view.setUint8(at, initial | 27);
      view.setUint32(at + 1, Math.floor(argument / 2 ** 32));
      view.setUint32(at + 5, argument % 2 ** 32);
    }
  }
}

const ENCODER = new TextEncoder();

function headBytes(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 2 ** 8) return 2;
  if (argument < 2 ** 16) return 3;
  return argument < 2 ** 32 ? 5 : 9;
}

function stringBytes(text: string): number {
  // A lone surrogate would be written as U+FFFD: two values with one encoding.
  if (!text.isWellFormed()) throw new TypeError('text with a lone surrogate has no encoding');
  const bytes = textBytes(text);
  return headBytes(bytes) + bytes;
}

const BEYOND_ASCII = /[\u0080-\uffff]/;

/** Bytes of well-formed text in UTF-8; a surrogate pair takes four. */
function textBytes(text: string): number {
  if (!BEYOND_ASCII.test(text)) return text.length;
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

function compareBytes(text: string, other: string): number {
  const [bytes, otherBytes] = [ENCODER.encode(text), ENCODER.encode(other)];
  const at = bytes.findIndex((byte, i) => byte !== otherBytes[i]);
  return at < 0 ? 0 : (bytes[at] ?? 0) - (otherBytes[at] ?? 0);
}

function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
