// The vector files of the TexMex collections (http://corpus-texmex.irisa.fr): each row is its
// dimension as a little-endian int32, then as many components; float32 in .fvecs, bytes in
// .bvecs, int32 in .ivecs.

import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import {
  COMPONENT_BYTES,
  type ComponentType,
  checkFinite,
  readComponents,
} from './component-type.ts';
import { ImportFile } from './import-file.ts';
import { batchRowsOf, type ImportOptions, rowIds, type VectorBatch } from './vector-batch.ts';

export const TEXMEX_FORMATS = ['fvecs', 'bvecs', 'ivecs'] as const;

export type TexmexFormat = (typeof TEXMEX_FORMATS)[number];

const COMPONENT_TYPES: Readonly<Record<TexmexFormat, ComponentType>> = {
  fvecs: 'f4',
  bvecs: 'u1',
  ivecs: 'i4',
};

const HEAD_BYTES = 4;

/**
 * Streams a `.fvecs`, `.bvecs` or `.ivecs` file; every row must have the dimension of the first.
 * Ids are the row numbers.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `limit-exceeded`, `non-finite`,
 *   `storage-failed`
 */
export async function* readTexmex(
  path: string,
  format: TexmexFormat,
  options: ImportOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  await using file = await ImportFile.open(path, options);
  if (file.sizeBytes === 0) return;
  const type = COMPONENT_TYPES[format];
  const dimension = await readDimension(file);
  const rowBytes = HEAD_BYTES + dimension * COMPONENT_BYTES[type];
  const batchRows = batchRowsOf(options, rowBytes);
  const wholeRows = Math.floor(file.sizeBytes / rowBytes);
  for (let first = 0; first < wholeRows; first += batchRows) {
    const count = Math.min(batchRows, wholeRows - first);
    const start = first * rowBytes;
    const bytes = await file.read(start, count * rowBytes, `row ${first}`);
    const components = withoutHeads(file, bytes, rowBytes, dimension, first);
    const vectors = readComponents(components, type);
    checkFinite(vectors, dimension, (row) => `${path}, row ${first + row}`);
    yield { ids: rowIds(first, count, options.idPrefix), vectors, dimension };
    file.report(first + count, start + count * rowBytes);
  }
  const rest = file.sizeBytes - wholeRows * rowBytes;
  if (rest > 0) {
    const what = `row ${wholeRows} needs ${rowBytes} bytes, ${rest} are left`;
    throw file.corrupt(wholeRows * rowBytes, what);
  }
}

async function readDimension(file: ImportFile): Promise<number> {
  const dimension = (await file.read(0, HEAD_BYTES, 'the dimension of row 0')).readInt32LE();
  if (dimension < 1) throw file.corrupt(0, `row 0 has dimension ${dimension}`);
  if (dimension > INDEX_LIMITS.dimensionMax) {
    throw new IndexError(
      'limit-exceeded',
      `${file.path}, byte 0: dimension ${dimension} violates dimension <= dimensionMax = ` +
        `${INDEX_LIMITS.dimensionMax}; is this a file of that format?`,
    );
  }
  return dimension;
}

function withoutHeads(
  file: ImportFile,
  bytes: Buffer<ArrayBuffer>,
  rowBytes: number,
  dimension: number,
  firstRow: number,
): Buffer<ArrayBuffer> {
  const rows = bytes.length / rowBytes;
  const payloadBytes = rowBytes - HEAD_BYTES;
  for (let row = 0; row < rows; row++) {
    const found = bytes.readInt32LE(row * rowBytes);
    if (found !== dimension) {
      throw file.corrupt(
        (firstRow + row) * rowBytes,
        `row ${firstRow + row} has dimension ${found}, row 0 has ${dimension}`,
      );
    }
    // Forward over the heads, in place: a row never moves onto one that is still to come.
    bytes.copy(bytes, row * payloadBytes, row * rowBytes + HEAD_BYTES, (row + 1) * rowBytes);
  }
  return bytes.subarray(0, rows * payloadBytes);
}
