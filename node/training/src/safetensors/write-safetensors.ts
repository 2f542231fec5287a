// Writes float32 tensors as a safetensors file.

import { open, rename, rm } from 'node:fs/promises';
import { endianness } from 'node:os';
import { elementsOf } from '../graph/graph.ts';
import { TrainingError } from '../training-error.ts';
import type { NamedTensor } from './named-tensor.ts';
import {
  LENGTH_BYTES,
  SAFETENSORS_AXES_MAX,
  SAFETENSORS_HEADER_BYTES_MAX,
  SAFETENSORS_TENSORS_MAX,
} from './safetensors-header.ts';

/**
 * The bytes of a file that holds `tensors` in their order; the same tensors give the same bytes.
 *
 * @throws TrainingError `invalid-options` for a name that stands twice or is reserved, `shape-mismatch`
 *   for a shape that its data does not fill, `limit-exceeded`
 */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const header = headerOf(tensors, metadata);
  const data = tensors.reduce((sum, tensor) => sum + tensor.data.byteLength, 0);
  const bytes = Buffer.from(new ArrayBuffer(LENGTH_BYTES + header.length + data));
  bytes.writeBigUInt64LE(BigInt(header.length));
  bytes.set(header, LENGTH_BYTES);
  let offset = LENGTH_BYTES + header.length;
  for (const { data: values } of tensors) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    if (endianness() === 'BE') bytes.subarray(offset, offset + values.byteLength).swap32();
    offset += values.byteLength;
  }
  return bytes;
}

/**
 * Writes a file as a whole or not at all: beside it first, then in its place.
 *
 * @throws TrainingError as `encodeSafetensors`; `storage-failed`
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const bytes = encodeSafetensors(tensors, metadata);
  const beside = `${path}.${process.pid}.part`;
  try {
    const file = await open(beside, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    const message = `could not write ${path}; check its folder, its rights and the free space`;
    throw new TrainingError('storage-failed', message, { cause });
  }
}

function headerOf(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  if (tensors.length > SAFETENSORS_TENSORS_MAX) {
    const limit = `SAFETENSORS_TENSORS_MAX = ${SAFETENSORS_TENSORS_MAX}`;
    throw new TrainingError('limit-exceeded', `${tensors.length} tensors, more than ${limit}`);
  }
  const names = new Set(['__metadata__']);
  const parts = [`"__metadata__":${JSON.stringify(metadata)}`];
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    if (names.has(name)) {
      throw new TrainingError('invalid-options', `two tensors are named "${name}"`);
    }
    names.add(name);
    if (elementsOf(shape) !== data.length || shape.length > SAFETENSORS_AXES_MAX) {
      const expected = `tensor "${name}" of [${shape.join(' × ')}]`;
      throw new TrainingError('shape-mismatch', `${expected} has ${data.length} elements`);
    }
    const offsets = [offset, offset + data.byteLength];
    const entry = JSON.stringify({ dtype: 'F32', shape, data_offsets: offsets });
    parts.push(`${JSON.stringify(name)}:${entry}`);
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(`{${parts.join(',')}}`);
  const length = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  if (length > SAFETENSORS_HEADER_BYTES_MAX) {
    const limit = `SAFETENSORS_HEADER_BYTES_MAX = ${SAFETENSORS_HEADER_BYTES_MAX}`;
    throw new TrainingError('limit-exceeded', `a header of ${length} bytes, more than ${limit}`);
  }
  const padded = new Uint8Array(length).fill(0x20);
  padded.set(text);
  return padded;
}
