// The IDX format of MNIST (LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist, last section):
// two zero bytes, a byte for the type, a byte for the number of axes, each axis as a big-endian uint32,
// then the elements, big-endian and row-major.

import { endianness } from 'node:os';
import { TrainingError } from '../training-error.ts';
import type { ByteStream } from './byte-stream.ts';

export type IdxType = 'uint8' | 'int8' | 'int16' | 'int32' | 'float32' | 'float64';

export type IdxData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

export interface IdxHeader {
  readonly type: IdxType;
  readonly shape: readonly number[];
  /** Elements of one row, the product of all axes but the first. */
  readonly width: number;
}

export const IDX_AXES_MAX = 8;
/** Most bytes of the elements of one file (4 GiB). */
export const IDX_BYTES_MAX = 2 ** 32;

interface ElementFormat {
  readonly code: number;
  readonly bytes: number;
  readonly make: (buffer: ArrayBuffer) => IdxData;
}

const FORMATS: Readonly<Record<IdxType, ElementFormat>> = {
  uint8: { code: 0x08, bytes: 1, make: (buffer) => new Uint8Array(buffer) },
  int8: { code: 0x09, bytes: 1, make: (buffer) => new Int8Array(buffer) },
  int16: { code: 0x0b, bytes: 2, make: (buffer) => new Int16Array(buffer) },
  int32: { code: 0x0c, bytes: 4, make: (buffer) => new Int32Array(buffer) },
  float32: { code: 0x0d, bytes: 4, make: (buffer) => new Float32Array(buffer) },
  float64: { code: 0x0e, bytes: 8, make: (buffer) => new Float64Array(buffer) },
};

/** @throws TrainingError `corrupt-file`, `unsupported-format`, `limit-exceeded` */
export async function readIdxHeader(file: ByteStream): Promise<IdxHeader> {
  const magic = new Uint8Array(4);
  await file.read(magic, 'the magic number of an IDX file');
  const [zero = 1, alsoZero = 1, code = 0, axes = 0] = magic;
  if (zero !== 0 || alsoZero !== 0) {
    const found = [...magic].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    throw file.corrupt(0, `an IDX file begins with 00 00, a type and an axis count, not ${found}`);
  }
  const type = (Object.keys(FORMATS) as IdxType[]).find((name) => FORMATS[name].code === code);
  if (type === undefined) {
    throw new TrainingError(
      'unsupported-format',
      `${file.path}, byte 2: type 0x${code.toString(16)} is none of ` +
        Object.entries(FORMATS)
          .map(([name, format]) => `0x${format.code.toString(16)} (${name})`)
          .join(', '),
    );
  }
  if (axes < 1 || axes > IDX_AXES_MAX) {
    throw file.corrupt(3, `${axes} axes; an array of samples has 1 … ${IDX_AXES_MAX}`);
  }
  const sizes = new Uint8Array(4 * axes);
  await file.read(sizes, `the sizes of ${axes} axes`);
  const view = new DataView(sizes.buffer);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 * axis));
  return checkSize(file, { type, shape });
}

/** Reads the elements of `rows` rows; `firstRow` names them in a refusal. */
export async function readIdxRows(
  file: ByteStream,
  header: IdxHeader,
  firstRow: number,
  rows: number,
): Promise<IdxData> {
  const format = FORMATS[header.type];
  const buffer = new ArrayBuffer(rows * header.width * format.bytes);
  const what = `rows ${firstRow} … ${firstRow + rows - 1} of [${header.shape.join(' × ')}]`;
  const bytes = Buffer.from(buffer);
  await file.read(bytes, what);
  if (endianness() === 'LE') {
    if (format.bytes === 2) bytes.swap16();
    else if (format.bytes === 4) bytes.swap32();
    else if (format.bytes === 8) bytes.swap64();
  }
  return format.make(buffer);
}

function checkSize(
  file: ByteStream,
  { type, shape }: Pick<IdxHeader, 'type' | 'shape'>,
): IdxHeader {
  const width = shape.slice(1).reduce((product, size) => product * size, 1);
  const empty = shape.indexOf(0, 1);
  if (empty > 0)
    throw file.corrupt(4 + 4 * empty, `axis ${empty} of [${shape.join(' × ')}] is empty`);
  const bytes = (shape[0] ?? 0) * width * FORMATS[type].bytes;
  if (bytes > IDX_BYTES_MAX) {
    throw new TrainingError(
      'limit-exceeded',
      `${file.path}, byte 4: [${shape.join(' × ')}] of ${type} are ${bytes} bytes, more than ` +
        `IDX_BYTES_MAX = ${IDX_BYTES_MAX}; split the file`,
    );
  }
  if (file.position + bytes > file.bytesMax) {
    throw file.corrupt(
      file.position,
      `[${shape.join(' × ')}] of ${type} needs ${bytes} bytes, the file cannot hold them`,
    );
  }
  return { type, shape, width };
}
