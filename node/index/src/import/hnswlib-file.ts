import { IndexError } from '../index-error.ts';
import { checkFinite } from './component-type.ts';
import {
  HNSWLIB_HEADER_BYTES,
  type HnswlibHeader,
  type HnswlibParameters,
  readHnswlibHeader,
} from './hnswlib-header.ts';
import { checkUpperLinks, linkProblem } from './hnswlib-upper-links.ts';
import { ImportFile } from './import-file.ts';
import { batchRowsOf, type ImportOptions, type VectorBatch } from './vector-batch.ts';

/**
 * Reads the parameters of an hnswlib index file, so that an index with the same M and
 * efConstruction can be made for it.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `limit-exceeded`, `storage-failed`
 */
export async function readHnswlibParameters(
  path: string,
  options: ImportOptions = {},
): Promise<HnswlibParameters> {
  await using file = await ImportFile.open(path, options);
  const { dimension, efConstruction, elements, layers, m, maxElements } =
    await readHnswlibHeader(file);
  return { dimension, elements, maxElements, m, efConstruction, layers };
}

/**
 * Streams the live elements of an hnswlib index file: ids are the labels in decimal, vectors are
 * float32 as they were stored (scaled to length one where the caller's space was cosine).
 * Elements marked as deleted are left out. The links are checked and not taken over.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `duplicate-id`, `limit-exceeded`,
 *   `non-finite`, `storage-failed`
 */
export async function* readHnswlib(
  path: string,
  options: ImportOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  await using file = await ImportFile.open(path, options);
  const header = await readHnswlibHeader(file);
  const { dimension, elementBytes, elements } = header;
  const batchRows = batchRowsOf(options, elementBytes);
  await checkUpperLinks(file, header);
  const seen = new Set<string>();
  let rows = 0;
  for (let first = 0; first < elements; first += batchRows) {
    const count = Math.min(batchRows, elements - first);
    const start = HNSWLIB_HEADER_BYTES + first * elementBytes;
    const bytes = await file.read(start, count * elementBytes, `element ${first}`);
    const batch = readElements(file, header, bytes, first, options.idPrefix ?? '');
    for (const id of batch.ids) addOnce(seen, id, path);
    checkFinite(batch.vectors, dimension, (row) => `${path}, label ${batch.ids[row]}`);
    if (batch.ids.length > 0) yield batch;
    rows += batch.ids.length;
    const end = first + count === elements ? file.sizeBytes : start + bytes.length;
    file.report(rows, end);
  }
}

const DELETED_BIT = 1 << 16;
const COUNT_MASK = 0xffff;

function readElements(
  file: ImportFile,
  header: HnswlibHeader,
  bytes: Buffer<ArrayBuffer>,
  first: number,
  idPrefix: string,
): VectorBatch {
  const { baseDegreeMax, dimension, elementBytes, elements } = header;
  const count = bytes.length / elementBytes;
  const components = new Float32Array(bytes.buffer, 0, bytes.length / 4);
  const vectors = new Float32Array(count * dimension);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const start = i * elementBytes;
    const word = bytes.readUInt32LE(start);
    const position = HNSWLIB_HEADER_BYTES + (first + i) * elementBytes;
    if ((word & ~(DELETED_BIT | COUNT_MASK)) !== 0) {
      throw file.corrupt(position, `element ${first + i} has unknown marks`);
    }
    const degree = word & COUNT_MASK;
    const problem = linkProblem(bytes, start, degree, baseDegreeMax, elements);
    if (problem !== undefined) {
      throw file.corrupt(position, `element ${first + i} ${problem} on layer 0`);
    }
    if ((word & DELETED_BIT) !== 0) continue;
    const from = (start + header.vectorOffset) / 4;
    vectors.set(components.subarray(from, from + dimension), ids.length * dimension);
    ids.push(`${idPrefix}${bytes.readBigUInt64LE(start + header.labelOffset)}`);
  }
  return { ids, vectors: vectors.subarray(0, ids.length * dimension), dimension };
}

function addOnce(seen: Set<string>, id: string, path: string): void {
  if (seen.has(id)) {
    const message = `${path} holds the label ${id} twice; write the index again`;
    throw new IndexError('duplicate-id', message);
  }
  seen.add(id);
}
