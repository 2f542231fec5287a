// The bytes of a compressed update, read as strictly as a stranger's: every byte is accounted for,
// and what decodes has one encoding only.

import { equalBytes } from '../canonical-cbor.ts';
import { PARAMETERS_MAX, tensorFromBytes } from '../flat-tensor.ts';
import { type Checked, checked, refused } from '../verdict.ts';
import { BLOCK_SIZE_MAX, BLOCK_SIZE_MIN } from './compress-update.ts';
import { HEADER_BYTES, KINDS, MAGIC, type ValueKind, VERSION, valueBytes } from './format.ts';
import { floatFromHalf } from './half-float.ts';
import { FLOAT32_MAX } from './quantise.ts';

interface Header {
  readonly kind: ValueKind;
  readonly isSparse: boolean;
  readonly blockSize: number;
  readonly elements: number;
  readonly kept: number;
}

/**
 * The update, `[elements]`, all finite; or why the bytes are none. It is a value, because the bytes
 * may come from anyone.
 */
export function decompressUpdate(bytes: Uint8Array, elements: number): Checked<Float32Array> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const { kind, isSparse, blockSize, kept } = header.value;
  if (header.value.elements !== elements) {
    const detail = `a compressed update of ${header.value.elements} elements, not ${elements}`;
    return refused('wrong-dimension', detail);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const places = isSparse ? readPlaces(bytes, kept, elements) : undefined;
  if (places !== undefined && !places.ok) return places;
  const from = places === undefined ? HEADER_BYTES : places.value.end;
  const length = valueBytes(kind, kept, blockSize);
  if (bytes.byteLength - from !== length) {
    const found = bytes.byteLength - from;
    return refused('wrong-shape', `${found} bytes for ${kept} values in ${kind}, not ${length}`);
  }
  const values = readValues(view, from, header.value);
  if (!values.ok || places === undefined) return values;
  const update = new Float32Array(elements);
  const at = places.value.places;
  for (let i = 0; i < at.length; i++) update[at[i] as number] = values.value[i] as number;
  return checked(update);
}

function readHeader(bytes: Uint8Array): Checked<Header> {
  if (bytes.byteLength < HEADER_BYTES) {
    return refused('wrong-shape', `${bytes.byteLength} bytes, a header has ${HEADER_BYTES}`);
  }
  if (!equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
    return refused('wrong-type', 'is no compressed update');
  }
  const [version, code, sparse, exponent] = bytes.subarray(4, 8) as unknown as number[];
  const kind = KINDS[code ?? -1];
  if (version !== VERSION) return refused('wrong-type', `version ${version}, not ${VERSION}`);
  if (kind === undefined) return refused('wrong-shape', `values of kind ${code}`);
  if (sparse !== 0 && sparse !== 1) return refused('wrong-shape', `sparse is ${sparse}`);
  if (kind === 'float32' && sparse === 0) return refused('wrong-shape', 'plain float32');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const elements = view.getUint32(8, true);
  const kept = view.getUint32(12, true);
  if (elements > PARAMETERS_MAX) {
    return refused('oversized', `${elements} elements, at most ${PARAMETERS_MAX}`);
  }
  if (sparse === 0 ? kept !== elements : kept > elements) {
    return refused('wrong-shape', `${kept} values of ${elements} elements`);
  }
  const blockSize = 2 ** (exponent ?? 0);
  const isScaled = kind === 'int8' || kind === 'int4';
  const isBlock = isScaled
    ? blockSize >= BLOCK_SIZE_MIN && blockSize <= BLOCK_SIZE_MAX
    : blockSize === 1;
  if (!isBlock) return refused('wrong-shape', `blocks of ${blockSize} for ${kind}`);
  return checked({ kind, isSparse: sparse === 1, blockSize, elements, kept });
}

interface Places {
  readonly places: Uint32Array;
  /** Where the values begin. */
  readonly end: number;
}

function readPlaces(bytes: Uint8Array, kept: number, elements: number): Checked<Places> {
  // Each place takes a byte at least: what cannot be there is not allocated.
  if (kept > bytes.byteLength - HEADER_BYTES) {
    return refused('wrong-shape', `${kept} places in ${bytes.byteLength} bytes`);
  }
  const places = new Uint32Array(kept);
  let at = HEADER_BYTES;
  let expected = 0;
  for (let i = 0; i < kept; i++) {
    let gap = 0;
    let shift = 1;
    for (;;) {
      const byte = bytes[at++];
      if (byte === undefined) return refused('wrong-shape', `ends within place ${i} of ${kept}`);
      gap += (byte & 0x7f) * shift;
      if (byte < 0x80) {
        if (byte === 0 && shift > 1) return refused('wrong-shape', `place ${i} is written longer`);
        break;
      }
      shift *= 0x80;
      if (shift > 2 ** 28) return refused('wrong-shape', `place ${i} is written too long`);
    }
    const place = expected + gap;
    if (place >= elements) {
      return refused('wrong-dimension', `place ${i} is ${place} of ${elements} elements`);
    }
    places[i] = place;
    expected = place + 1;
  }
  return checked({ places, end: at });
}

function readValues(view: DataView, from: number, header: Header): Checked<Float32Array> {
  if (header.kind === 'int8' || header.kind === 'int4') return readCodes(view, from, header);
  const bytes = new Uint8Array(view.buffer, view.byteOffset + from);
  if (header.kind === 'float32')
    return tensorFromBytes(bytes.subarray(0, 4 * header.kept), header.kept);
  const values = new Float32Array(header.kept);
  for (let i = 0; i < values.length; i++) {
    const value = floatFromHalf((bytes[2 * i] as number) | ((bytes[2 * i + 1] as number) << 8));
    if (value - value !== 0) return refused('non-finite', `value ${i} is ${value}`);
    values[i] = value;
  }
  return checked(values);
}

function readCodes(view: DataView, from: number, header: Header): Checked<Float32Array> {
  const { kept, blockSize, kind } = header;
  const blocks = Math.ceil(kept / blockSize);
  const codes = codesAt(view, from + 4 * blocks, header);
  if (!codes.ok) return codes;
  const values = new Float32Array(kept);
  const top = kind === 'int8' ? 127 : 7;
  for (let block = 0; block < blocks; block++) {
    const scale = view.getFloat32(from + 4 * block, true);
    if (!(scale >= 0 && scale * top <= FLOAT32_MAX) || Object.is(scale, -0)) {
      return refused('non-finite', `scale ${block} is ${scale}`);
    }
    const end = Math.min(kept, (block + 1) * blockSize);
    for (let i = block * blockSize; i < end; i++) {
      const code = codes.value[i] as number;
      if (code < -top) return refused('wrong-shape', `value ${i} is ${code}, at least ${-top}`);
      if (scale === 0 && code !== 0) {
        return refused('wrong-shape', `value ${i} is ${code} with a scale of 0`);
      }
      values[i] = scale * code;
    }
  }
  return checked(values);
}

function codesAt(view: DataView, from: number, { kind, kept }: Header): Checked<Int8Array> {
  if (kind === 'int8') return checked(new Int8Array(view.buffer, view.byteOffset + from, kept));
  const codes = new Int8Array(kept);
  for (let i = 0; i < kept; i++) {
    const byte = view.getUint8(from + (i >> 1));
    codes[i] = ((i & 1) === 0 ? byte << 28 : byte << 24) >> 28;
  }
  if (kept % 2 === 1 && view.getUint8(from + (kept >> 1)) >= 16) {
    return refused('wrong-shape', 'bits behind the last value');
  }
  return checked(codes);
}
