// How the components of a foreign file become those of a batch.

import { IndexError } from '../index-error.ts';

/** Component types by the names that NumPy gives them, without the byte order. */
export const COMPONENT_BYTES = Object.freeze({
  f2: 2,
  f4: 4,
  f8: 8,
  i1: 1,
  i2: 2,
  i4: 4,
  i8: 8,
  u1: 1,
  u2: 2,
  u4: 4,
  u8: 8,
});

export type ComponentType = keyof typeof COMPONENT_BYTES;

export function isComponentType(name: string): name is ComponentType {
  return Object.hasOwn(COMPONENT_BYTES, name);
}

/**
 * Reads little-endian components. `u1` stays bytes; all others become float32, which rounds
 * what has more than 24 significant bits.
 *
 * @param bytes - owned by the caller's buffer from its first byte on
 */
export function readComponents(
  bytes: Buffer<ArrayBuffer>,
  type: ComponentType,
): Float32Array | Uint8Array {
  const { buffer, byteLength, byteOffset } = bytes;
  const length = byteLength / COMPONENT_BYTES[type];
  if (type === 'u1') return new Uint8Array(buffer, byteOffset, length);
  if (type === 'f4') return new Float32Array(buffer, byteOffset, length);
  if (type === 'f2') return Float32Array.from(new Uint16Array(buffer, byteOffset, length), ofHalf);
  if (type === 'i8') return narrowed(new BigInt64Array(buffer, byteOffset, length));
  if (type === 'u8') return narrowed(new BigUint64Array(buffer, byteOffset, length));
  const Wide = { f8: Float64Array, i1: Int8Array, i2: Int16Array, i4: Int32Array }[
    type as 'f8' | 'i1' | 'i2' | 'i4'
  ];
  if (Wide !== undefined) return new Float32Array(new Wide(buffer, byteOffset, length));
  const Unsigned = type === 'u2' ? Uint16Array : Uint32Array;
  return new Float32Array(new Unsigned(buffer, byteOffset, length));
}

/** Turns big-endian components round, in place. */
export function swapComponents(bytes: Buffer, type: ComponentType): void {
  const size = COMPONENT_BYTES[type];
  if (size === 2) bytes.swap16();
  if (size === 4) bytes.swap32();
  if (size === 8) bytes.swap64();
}

/**
 * Refuses components that are no finite float32.
 *
 * @param vectors - `[rows × dimension]`
 * @param placeOf - names file and row, or line, for the refusal
 */
export function checkFinite(
  vectors: Float32Array | Uint8Array,
  dimension: number,
  placeOf: (row: number) => string,
): void {
  if (vectors instanceof Uint8Array) return;
  for (let i = 0; i < vectors.length; i++) {
    const value = vectors[i] as number;
    if (value - value === 0) continue;
    throw new IndexError(
      'non-finite',
      `${placeOf(Math.floor(i / dimension))}: component ${i % dimension} is ${value} as a ` +
        'float32; every component must be finite, clean the file',
    );
  }
}

function narrowed(values: BigInt64Array | BigUint64Array): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) result[i] = Number(values[i]);
  return result;
}

// IEEE 754 binary16: sign 1, exponent 5, fraction 10.
function ofHalf(half: number): number {
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
