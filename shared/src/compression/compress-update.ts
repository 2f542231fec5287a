// Updates in fewer bytes: half precision, 8 and 4 bits with a scale for each block, or only the
// largest elements. One self-describing format (`format.ts`).

import { strict as assert } from 'node:assert';
import { firstNonFinite, PARAMETERS_MAX, tensorToBytes } from '../flat-tensor.ts';
import { ByteWriter } from './byte-writer.ts';
import { HEADER_BYTES, KINDS, MAGIC, type ValueKind, VERSION, valueBytes } from './format.ts';
import { halvesOf } from './half-float.ts';
import { largestPlaces } from './largest-places.ts';
import { quantise, type Rounding, scalesOf } from './quantise.ts';

export const COMPRESSION_METHODS = ['fp16', 'int8', 'int4', 'top-k'] as const;

export type CompressionMethod = (typeof COMPRESSION_METHODS)[number];

export interface CompressionOptions {
  readonly method: CompressionMethod;
  /** Elements that share a scale, a power of two; 2048 for int8 and 64 for int4 when left out. */
  readonly blockSize?: number;
  /** `nearest` when left out; `stochastic` is unbiased, from `seed`. */
  readonly rounding?: Rounding;
  /** A whole number below 2^32. */
  readonly seed?: number;
  /** The share of elements that `top-k` keeps, at least one; 0.01 when left out. */
  readonly density?: number;
  /** How `top-k` writes what it keeps; `fp16` when left out. */
  readonly values?: ValueKind;
}

export const BLOCK_SIZE_MIN = 16;
export const BLOCK_SIZE_MAX = 1 << 16;
const BLOCK_SIZES = { int8: 2048, int4: 64 } as const;
const DENSITY = 0.01;
/** Of places below 2^26. */
const VARINT_BYTES_MAX = 4;

/**
 * The bytes of an update, `[elements]`. Halves beyond ±65504 become that.
 * @throws {RangeError} for an option out of range and for elements that are not finite
 */
export function compressUpdate(update: Float32Array, options: CompressionOptions): Uint8Array {
  assert(update.length <= PARAMETERS_MAX, `at most ${PARAMETERS_MAX} elements`);
  const bad = firstNonFinite(update);
  if (bad >= 0) throw new RangeError(`element ${bad} of the update is ${update[bad]}`);
  checkOptions(options);
  const isSparse = options.method === 'top-k';
  const kind = options.method === 'top-k' ? (options.values ?? 'fp16') : options.method;
  const isScaled = kind === 'int8' || kind === 'int4';
  const blockSize = isScaled ? (options.blockSize ?? BLOCK_SIZES[kind]) : 1;
  const places = isSparse ? largestPlaces(update, keptOf(update.length, options)) : undefined;
  const kept = places === undefined ? update : at(update, places);
  const placeBytesMax = VARINT_BYTES_MAX * (places?.length ?? 0);
  const bytesMax = HEADER_BYTES + placeBytesMax + valueBytes(kind, kept.length, blockSize);
  const writer = new ByteWriter(bytesMax);
  writer.bytes(MAGIC);
  writer.uint8(VERSION);
  writer.uint8(KINDS.indexOf(kind));
  writer.uint8(isSparse ? 1 : 0);
  writer.uint8(Math.log2(blockSize));
  writer.uint32(update.length);
  writer.uint32(kept.length);
  if (places !== undefined) writeGaps(writer, places);
  writeValues(writer, kept, kind, blockSize, options);
  return writer.written();
}

/** @throws {RangeError} naming the option and what was expected */
export function checkOptions(options: CompressionOptions): void {
  const { method, blockSize, seed = 0, density = DENSITY, values = 'fp16', rounding } = options;
  refuse(COMPRESSION_METHODS.includes(method), 'method', method, COMPRESSION_METHODS.join(', '));
  refuse(KINDS.includes(values), 'values', values, KINDS.join(', '));
  const roundings = ['nearest', 'stochastic', undefined];
  refuse(roundings.includes(rounding), 'rounding', rounding, 'nearest or stochastic');
  refuse(density > 0 && density <= 1, 'density', density, 'above 0 and up to 1');
  const isSeed = Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32;
  refuse(isSeed, 'seed', seed, 'a whole number below 2^32');
  if (blockSize === undefined) return;
  const isBlock = blockSize >= BLOCK_SIZE_MIN && blockSize <= BLOCK_SIZE_MAX;
  const isPower = Number.isInteger(Math.log2(blockSize));
  const expected = `a power of two from ${BLOCK_SIZE_MIN} to ${BLOCK_SIZE_MAX}`;
  refuse(isBlock && isPower, 'blockSize', blockSize, expected);
}

function refuse(holds: boolean, name: string, value: unknown, expected: string): void {
  if (!holds) throw new RangeError(`${name} is ${String(value)}; expected ${expected}`);
}

function keptOf(elements: number, { density = DENSITY }: CompressionOptions): number {
  return Math.min(elements, Math.max(1, Math.round(elements * density)));
}

function at(values: Float32Array, places: Uint32Array): Float32Array {
  const found = new Float32Array(places.length);
  for (let i = 0; i < places.length; i++) found[i] = values[places[i] as number] as number;
  return found;
}

/** Each place as its distance beyond the one before, so that none can repeat or go back. */
function writeGaps(writer: ByteWriter, places: Uint32Array): void {
  let expected = 0;
  for (const place of places) {
    writer.varint(place - expected);
    expected = place + 1;
  }
}

function writeValues(
  writer: ByteWriter,
  values: Float32Array,
  kind: ValueKind,
  blockSize: number,
  { rounding = 'nearest', seed = 0 }: CompressionOptions,
): void {
  if (kind === 'float32') {
    writer.bytes(tensorToBytes(values));
  } else if (kind === 'fp16') {
    writer.bytes(halvesOf(values));
  } else {
    const top = kind === 'int8' ? 127 : 7;
    const scales = scalesOf(values, blockSize, top);
    writer.bytes(tensorToBytes(scales));
    const codes = quantise(values, { scales, blockSize, top, rounding, seed });
    if (kind === 'int8') writer.bytes(new Uint8Array(codes.buffer));
    else writer.bytes(nibblesOf(codes));
  }
}

/** Two codes a byte, the earlier one below; an odd count leaves zeros above the last. */
function nibblesOf(codes: Int8Array): Uint8Array {
  const bytes = new Uint8Array((codes.length + 1) >> 1);
  for (let i = 0; i < codes.length; i++) {
    const nibble = ((codes[i] as number) & 15) << ((i & 1) * 4);
    bytes[i >> 1] = (bytes[i >> 1] as number) | nibble;
  }
  return bytes;
}
