import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { IvfIndex } from '../ivf/ivf-index.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { METRICS, type VectorIndex } from '../vector-index.ts';
import { openHnswIndex, openIndex } from './open-index.ts';
import { INDEX_FILE_NAME, INDEX_FORMAT_VERSION } from './section-file.ts';

const DIMENSION = 9;

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return folder;
}

function answers(index: VectorIndex) {
  const queries = gaussianRows(5, 20, DIMENSION);
  return numberedIds(20).map((_, row) => index.search(rowOf(queries, DIMENSION, row), { k: 7 }));
}

function used(index: VectorIndex): VectorIndex {
  index.insertBatch(numberedIds(150), gaussianRows(3, 150, DIMENSION));
  for (let row = 0; row < 150; row += 4) index.delete(`doc-${row}`);
  index.insertBatch(['ünï—\u{1f426}', '\ud800'], gaussianRows(4, 2, DIMENSION));
  return index;
}

async function refusal(t: ExecutionContext, folder: string): Promise<IndexErrorCode> {
  const error = await t.throwsAsync(openIndex(folder), { instanceOf: IndexError });
  t.true(error.message.includes(INDEX_FILE_NAME));
  return error.code;
}

for (const metric of METRICS) {
  test(`${metric}: an opened index answers as the saved one did, at the same cost`, async (t) => {
    const makers = [
      () => new HnswIndex({ dimension: DIMENSION, metric, m: 6, efConstruction: 40 }),
      () => new FlatIndex({ dimension: DIMENSION, metric }),
      () => new IvfIndex({ dimension: DIMENSION, metric, lists: 7, probes: 2 }),
    ];
    for (const make of makers) {
      const folder = await newFolder(t);
      const index = used(make());
      await index.save(folder);
      const opened = await openIndex(folder);
      t.is(opened.constructor, index.constructor);
      t.deepEqual([opened.size, opened.metric, opened.dimension], [index.size, metric, DIMENSION]);
      t.deepEqual([...opened.ids()].sort(), [...index.ids()].sort());
      t.deepEqual(answers(opened), answers(index));
    }
  });
}

test('an opened index goes on exactly as the saved one would have', async (t) => {
  const folder = await newFolder(t);
  const index = new HnswIndex({ dimension: DIMENSION, m: 4, efConstruction: 20 });
  used(index);
  await index.save(folder);
  const opened = await openHnswIndex(folder);
  for (const each of [index, opened]) {
    for (let row = 1; row < 60; row += 2) each.delete(`doc-${row}`);
    each.insertBatch(numberedIds(90), gaussianRows(8, 90, DIMENSION));
  }
  t.deepEqual(opened.verify(), index.verify());
  t.deepEqual(answers(opened), answers(index));
});

test('an empty index and an emptied one can be saved and opened', async (t) => {
  const folder = await newFolder(t);
  const index = new HnswIndex({ dimension: DIMENSION });
  await index.save(folder);
  t.is((await openIndex(folder)).size, 0);
  index.insertBatch(['a'], new Float32Array(DIMENSION));
  index.delete('a');
  await index.save(folder);
  const opened = await openIndex(folder);
  opened.insertBatch(['b'], new Float32Array(DIMENSION));
  t.deepEqual([...opened.ids()], ['b']);
});

test('a save is the index at the moment of the call, and the last call wins', async (t) => {
  const folder = join(await newFolder(t), 'made', 'on', 'demand');
  const index = new FlatIndex({ dimension: 1, metric: 'dot' });
  index.insertBatch(['a'], Float32Array.of(1));
  const first = index.save(folder);
  index.insertBatch(['b'], Float32Array.of(2));
  const second = index.save(folder);
  index.insertBatch(['c'], Float32Array.of(3));
  await Promise.all([first, second]);
  t.deepEqual([...(await openIndex(folder)).ids()], ['a', 'b']);
  t.deepEqual(await readdir(folder), [INDEX_FILE_NAME]);
});

test('a flipped bit in any place of the file is noticed', async (t) => {
  const folder = await newFolder(t);
  const index = new HnswIndex({ dimension: 2, m: 2, efConstruction: 4 });
  index.insertBatch(numberedIds(6), gaussianRows(1, 6, 2));
  await index.save(folder);
  const path = join(folder, INDEX_FILE_NAME);
  const bytes = await readFile(path);
  for (let position = 0; position < bytes.length; position += position < 60 ? 1 : 13) {
    bytes[position] = (bytes[position] ?? 0) ^ 4;
    await writeFile(path, bytes);
    t.is(await refusal(t, folder), 'corrupt-file', `byte ${position}`);
    bytes[position] = (bytes[position] ?? 0) ^ 4;
  }
});

test('a truncated file, an empty one and one with a tail are refused', async (t) => {
  const folder = await newFolder(t);
  await used(new HnswIndex({ dimension: DIMENSION })).save(folder);
  const path = join(folder, INDEX_FILE_NAME);
  const bytes = await readFile(path);
  await writeFile(path, Buffer.concat([bytes, Buffer.of(0)]));
  t.is(await refusal(t, folder), 'corrupt-file');
  for (const length of [bytes.length - 1, bytes.length >> 1, 100, 30, 19, 1, 0]) {
    await truncate(path, length);
    t.is(await refusal(t, folder), 'corrupt-file');
  }
});

test('a file of a newer format is refused as such', async (t) => {
  const folder = await newFolder(t);
  await used(new FlatIndex({ dimension: DIMENSION })).save(folder);
  const path = join(folder, INDEX_FILE_NAME);
  const bytes = await readFile(path);
  bytes.writeUInt32LE(INDEX_FORMAT_VERSION + 1, 8);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
  await writeFile(path, bytes);
  t.is(await refusal(t, folder), 'newer-format');
});

test('a missing file and another kind of index are told apart', async (t) => {
  const folder = await newFolder(t);
  t.is(await refusal(t, folder), 'missing-file');
  await used(new FlatIndex({ dimension: DIMENSION })).save(folder);
  const error = await t.throwsAsync(openHnswIndex(folder), { instanceOf: IndexError });
  t.is(error.code, 'corrupt-file');
  t.true(error.message.includes("kind 'flat'"));
});

test('a failed save says so and leaves the saved index as it was', async (t) => {
  const folder = await newFolder(t);
  const index = new FlatIndex({ dimension: 1 });
  await index.save(folder);
  const blocked = join(folder, INDEX_FILE_NAME, 'below-a-file');
  const error = await t.throwsAsync(index.save(blocked), { instanceOf: IndexError });
  t.is(error.code, 'storage-failed');
  t.truthy(error.cause);
  t.is((await openIndex(folder)).size, 0);
  await index.save(folder);
});

test('what a crash left behind does not disturb the next save', async (t) => {
  const folder = await newFolder(t);
  const index = new FlatIndex({ dimension: 1 });
  await writeFile(join(folder, `${INDEX_FILE_NAME}.new`), 'half a file');
  await index.save(folder);
  t.deepEqual(await readdir(folder), [INDEX_FILE_NAME]);
  const copy = await newFolder(t);
  await cp(folder, copy, { recursive: true });
  t.is((await openIndex(copy)).size, 0);
});

test('an aborted save and an aborted open reject with the reason', async (t) => {
  const folder = await newFolder(t);
  const index = new FlatIndex({ dimension: 1 });
  const signal = AbortSignal.abort(new Error('shutting down'));
  await t.throwsAsync(index.save(folder, { signal }), { message: 'shutting down' });
  await t.throwsAsync(openIndex(folder, { signal }), { message: 'shutting down' });
});
