import { COMPONENT_BYTES, checkFinite, readComponents, swapComponents } from './component-type.ts';
import { ImportFile } from './import-file.ts';
import { readNpyHeader } from './npy-header.ts';
import { batchRowsOf, type ImportOptions, rowIds, type VectorBatch } from './vector-batch.ts';

/**
 * Streams a NumPy `.npy` file of shape `[rows × dimension]`, C order, with real or integer
 * components of either byte order. Ids are the row numbers.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `unsupported-format`, `limit-exceeded`,
 *   `non-finite`, `storage-failed`
 */
export async function* readNpy(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  await using file = await ImportFile.open(path, options);
  const { dataStart, dimension, isBigEndian, rows, type } = await readNpyHeader(file);
  const rowBytes = dimension * COMPONENT_BYTES[type];
  const batchRows = batchRowsOf(options, rowBytes);
  for (let first = 0; first < rows; first += batchRows) {
    const count = Math.min(batchRows, rows - first);
    const start = dataStart + first * rowBytes;
    const bytes = await file.read(start, count * rowBytes, `row ${first}`);
    if (isBigEndian) swapComponents(bytes, type);
    const vectors = readComponents(bytes, type);
    checkFinite(vectors, dimension, (row) => `${path}, row ${first + row}`);
    yield { ids: rowIds(first, count, options.idPrefix), vectors, dimension };
    file.report(first + count, start + count * rowBytes);
  }
}
