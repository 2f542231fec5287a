// IDX files, whole or row by row; gzip is unpacked on the way.

import { assertPositiveInteger } from './assert-positive-integer.ts';
import { ByteStream, type ReadOptions } from './byte-stream.ts';
import { type IdxData, type IdxType, readIdxHeader, readIdxRows } from './idx-format.ts';

export interface IdxArray {
  readonly type: IdxType;
  /** The first axis counts the rows. */
  readonly shape: readonly number[];
  /** Flat, row-major. */
  readonly data: IdxData;
}

export interface IdxRowsOptions extends ReadOptions {
  /** Rows of one piece; the last piece may have fewer. 256 when left out. */
  readonly rows?: number;
}

/**
 * Reads a whole IDX file, such as MNIST's `train-images-idx3-ubyte.gz` → `[60000 × 28 × 28]` of uint8.
 *
 * @throws TrainingError `corrupt-file`, `unsupported-format`, `limit-exceeded`, `missing-file`,
 *   `storage-failed`, `aborted`; the message names file, byte (after unpacking) and expectation
 */
export async function readIdx(path: string, options: ReadOptions = {}): Promise<IdxArray> {
  await using file = await ByteStream.open(path, options);
  const header = await readIdxHeader(file);
  const { type, shape } = header;
  const data = await readIdxRows(file, header, 0, shape[0] ?? 0);
  await expectEnd(file);
  return { type, shape, data };
}

/**
 * Streams the rows of an IDX file in pieces, never holding more than one.
 *
 * @throws TrainingError as `readIdx`; `invalid-options`
 */
export async function* readIdxPieces(
  path: string,
  options: IdxRowsOptions = {},
): AsyncGenerator<IdxArray, void, undefined> {
  const { rows: most = 256 } = options;
  assertPositiveInteger('rows', most);
  await using file = await ByteStream.open(path, options);
  const header = await readIdxHeader(file);
  const { type, shape } = header;
  const [total = 0, ...rest] = shape;
  for (let row = 0; row < total; row += most) {
    const rows = Math.min(most, total - row);
    yield { type, shape: [rows, ...rest], data: await readIdxRows(file, header, row, rows) };
  }
  await expectEnd(file);
}

async function expectEnd(file: ByteStream): Promise<void> {
  const end = file.position;
  const more = await file.next();
  if (more !== undefined) throw file.corrupt(end, 'the array ends here, the file does not');
}
