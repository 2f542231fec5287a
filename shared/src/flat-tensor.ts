// A model's parameters as the wire carries them: little-endian float32, one flat vector.

import { type Checked, checked, refused } from './verdict.ts';

/** Most parameters a model may have (256 MiB of float32). */
export const PARAMETERS_MAX = 1 << 26;

/** The little-endian bytes of `values`; a copy. */
export function tensorToBytes(values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  if (LITTLE_ENDIAN) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  } else {
    values.forEach((value, i) => {
      view.setFloat32(i * 4, value, true);
    });
  }
  return bytes;
}

/** Reads `elements` float32 values; refuses another length and any value that is not finite. */
export function tensorFromBytes(bytes: Uint8Array, elements: number): Checked<Float32Array> {
  if (bytes.byteLength !== elements * 4) {
    return refused('wrong-dimension', `${bytes.byteLength} bytes are not ${elements} float32`);
  }
  const values = new Float32Array(elements);
  if (LITTLE_ENDIAN) {
    new Uint8Array(values.buffer).set(bytes);
  } else {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < elements; i++) values[i] = view.getFloat32(i * 4, true);
  }
  const at = firstNonFinite(values);
  if (at >= 0) return refused('non-finite', `element ${at} is ${values[at]}`);
  return checked(values);
}

/** Index of the first NaN or infinity, −1 when there is none. */
export function firstNonFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // Only finite numbers minus themselves are 0, and this is twice as fast as Number.isFinite.
    if (value - value !== 0) return i;
  }
  return -1;
}

/** Euclidean norm, summed in float64 in index order so that every machine gets the same bits. */
export function euclideanNorm(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum += value * value;
  }
  return Math.sqrt(sum);
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
