// The header of a safetensors file (https://github.com/huggingface/safetensors, section Format): its
// length as a little-endian uint64, then JSON with type, shape and place of every tensor. The tensors
// fill the rest of the file without holes and overlaps.

import type { ByteStream } from '../datasets/byte-stream.ts';
import { TrainingError } from '../training-error.ts';
import { duplicateKey } from './duplicate-key.ts';

export interface SafetensorsEntry {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  /** Of its first byte and the one after its last, counted from the start of the file. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their bytes. */
  readonly entries: readonly SafetensorsEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

export const SAFETENSORS_HEADER_BYTES_MAX = 1 << 24;
export const SAFETENSORS_TENSORS_MAX = 100_000;
export const SAFETENSORS_AXES_MAX = 16;

export const LENGTH_BYTES = 8;

/** Bytes of one element of every type of the format. */
const ELEMENT_BYTES: ReadonlyMap<unknown, number> = new Map([
  ...['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3'].map((type): [string, number] => [type, 1]),
  ...['U16', 'I16', 'F16', 'BF16'].map((type): [string, number] => [type, 2]),
  ...['U32', 'I32', 'F32'].map((type): [string, number] => [type, 4]),
  ...['U64', 'I64', 'F64'].map((type): [string, number] => [type, 8]),
]);

/**
 * Reads the header and checks that the places of all tensors fill the file exactly.
 *
 * @throws TrainingError `corrupt-file` or `limit-exceeded`, naming file, byte and expectation
 */
export async function readSafetensorsHeader(file: ByteStream): Promise<SafetensorsHeader> {
  const lengthBytes = new Uint8Array(LENGTH_BYTES);
  await file.read(lengthBytes, 'the length of the header');
  const length = new DataView(lengthBytes.buffer).getBigUint64(0, true);
  if (length > BigInt(SAFETENSORS_HEADER_BYTES_MAX)) {
    throw new TrainingError(
      'limit-exceeded',
      `${file.path}, byte 0: a header of ${length} bytes is more than ` +
        `SAFETENSORS_HEADER_BYTES_MAX = ${SAFETENSORS_HEADER_BYTES_MAX}`,
    );
  }
  if (LENGTH_BYTES + Number(length) > file.bytesMax) {
    throw file.corrupt(0, `a header of ${length} bytes, the file has ${file.bytesMax}`);
  }
  const bytes = new Uint8Array(Number(length));
  await file.read(bytes, 'the header');
  return parsed(file, bytes);
}

function parsed(file: ByteStream, bytes: Uint8Array): SafetensorsHeader {
  const json = parsedJson(file, bytes);
  const entries: SafetensorsEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(json)) {
    if (name === '__metadata__') metadata = metadataOf(file, value);
    else entries.push(entryOf(file, name, value));
  }
  if (entries.length > SAFETENSORS_TENSORS_MAX) {
    const limit = `SAFETENSORS_TENSORS_MAX = ${SAFETENSORS_TENSORS_MAX}`;
    const message = `${file.path}, byte ${LENGTH_BYTES}: ${entries.length} tensors, more than ${limit}`;
    throw new TrainingError('limit-exceeded', message);
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  checkPlaces(file, entries);
  return { entries, metadata };
}

function parsedJson(file: ByteStream, bytes: Uint8Array): object {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw file.corrupt(LENGTH_BYTES, `the header is no JSON (${words})`, cause);
  }
  if (!isObject(value)) throw file.corrupt(LENGTH_BYTES, 'the header is no JSON object');
  const twice = duplicateKey(text);
  if (twice !== undefined) throw file.corrupt(LENGTH_BYTES, `the header names "${twice}" twice`);
  return value;
}

function entryOf(file: ByteStream, name: string, value: unknown): SafetensorsEntry {
  const refuse = (what: string) => file.corrupt(LENGTH_BYTES, `tensor "${name}": ${what}`);
  if (!isObject(value)) throw refuse('no object with dtype, shape and data_offsets');
  const { dtype, shape, data_offsets: offsets } = value;
  const width = ELEMENT_BYTES.get(dtype);
  if (typeof dtype !== 'string' || width === undefined) {
    throw refuse(
      `dtype ${JSON.stringify(dtype)} is none of ${[...ELEMENT_BYTES.keys()].join(', ')}`,
    );
  }
  if (!isSizes(shape) || shape.length > SAFETENSORS_AXES_MAX) {
    throw refuse(`shape is no list of at most ${SAFETENSORS_AXES_MAX} whole numbers`);
  }
  if (!isSizes(offsets) || offsets.length !== 2)
    throw refuse('data_offsets are no two whole numbers');
  const dataStart = file.position;
  const [from = 0, to = 0] = offsets;
  const bytes = shape.reduce((product, size) => product * size, width);
  if (to - from !== bytes) {
    throw refuse(
      `[${shape.join(' × ')}] of ${dtype} are ${bytes} bytes, data_offsets ${from} … ${to} hold ${to - from}`,
    );
  }
  if (dataStart + to > file.bytesMax) {
    throw refuse(`data_offsets end at ${to}, the data at ${file.bytesMax - dataStart}`);
  }
  return { name, type: dtype, shape, start: dataStart + from, end: dataStart + to };
}

function metadataOf(file: ByteStream, value: unknown): Readonly<Record<string, string>> {
  if (!isObject(value)) throw file.corrupt(LENGTH_BYTES, '__metadata__ is no object of texts');
  const texts = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text === 'string') return [key, text];
    throw file.corrupt(LENGTH_BYTES, `__metadata__ "${key}" is no text`);
  });
  return Object.fromEntries(texts);
}

function checkPlaces(file: ByteStream, entries: readonly SafetensorsEntry[]): void {
  let end = file.position;
  let before = 'the header';
  for (const { name, start, end: next } of entries) {
    if (start !== end) {
      const how = start < end ? 'overlaps' : 'leaves a hole after';
      throw file.corrupt(start, `tensor "${name}" ${how} ${before}, which ends at byte ${end}`);
    }
    end = next;
    before = `tensor "${name}"`;
  }
  if (end === file.bytesMax) return;
  throw file.corrupt(end, `${before} ends here, the file at byte ${file.bytesMax}`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
