// Codes beside exact rows: when they are learned, what is ranked again, and what remains.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openHnswIndex } from '../file/open-index.ts';
import { writeSectionFile } from '../file/section-file.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { imageLikeRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { WorkerPool } from '../threads/worker-pool.ts';

const DIMENSION = 24;
const ROWS = 600;
const ids = numberedIds(ROWS);
const rows = imageLikeRows(2, ROWS, DIMENSION);
const query = rowOf(imageLikeRows(3, 1, DIMENSION), DIMENSION, 0);
const settings = { dimension: DIMENSION, metric: 'euclidean', m: 6, efConstruction: 30 } as const;
const part = (from: number, to: number) => rows.subarray(from * DIMENSION, to * DIMENSION);

test('a type that learns searches exact rows until there are enough of them', (t) => {
  const index = new HnswIndex({ ...settings, vectorType: 'pq8', trainingRows: 500 });
  const plain = new HnswIndex(settings);
  for (const each of [index, plain]) each.insertBatch(ids.slice(0, 499), part(0, 499));
  t.false(index.isTrained);
  t.deepEqual(index.search(query, { k: 9 }), plain.search(query, { k: 9 }));
  for (const each of [index, plain]) each.insertBatch(ids.slice(499, 500), part(499, 500));
  t.true(index.isTrained);
  const [found, exact] = [index.search(query, { k: 9 }), plain.search(query, { k: 9 })];
  t.deepEqual(found.hits, exact.hits);
  t.not(found.distanceComputations, exact.distanceComputations);
});

test('the trained codes do not depend on when the rows came', (t) => {
  const make = () => new FlatIndex({ ...settings, vectorType: 'rabitq', seed: 7 });
  const [early, late] = [make(), make()];
  early.train(rows);
  early.insertBatch(ids, rows);
  late.insertBatch(ids, rows);
  t.false(late.isTrained);
  late.train();
  for (const rerank of [1, 10, 80]) {
    t.deepEqual(late.search(query, { k: 1, rerank }), early.search(query, { k: 1, rerank }));
  }
});

test('training again suits the codes to rows that came later', (t) => {
  const shifted = imageLikeRows(6, ROWS, DIMENSION).map((value) => 4 * value + 900);
  const index = new FlatIndex({ ...settings, vectorType: 'sq8', trainingRows: 50 });
  index.insertBatch(ids.slice(0, 60), part(0, 60));
  index.insertBatch(ids, shifted);
  const found = () => {
    const options = { k: 10, rerank: 10 };
    const asked = Array.from({ length: 20 }, (_, row) => rowOf(shifted, DIMENSION, row));
    return asked.filter((row, i) => index.search(row, options).hits[0]?.id === `doc-${i}`).length;
  };
  const before = found();
  index.train();
  t.true(before < 20, `${before}`);
  t.is(found(), 20);
});

test('R rows are ranked again, and a trace names them and their bytes', (t) => {
  const index = new HnswIndex({ ...settings, vectorType: 'pq8', rerank: 40 });
  index.insertBatch(ids, rows);
  index.train();
  const { trace, distanceComputations } = index.search(query, { k: 5, efSearch: 60, trace: true });
  t.is(trace?.reranked, 40);
  t.is(trace?.rerankedBytes, 40 * 4 * DIMENSION);
  const bytes = (distanceComputations - 40) * 16 + 40 * 96 + 4 * (trace?.linksRead ?? 0);
  t.is(trace?.bytesTouched, bytes);
  const few = index.search(query, { k: 5, efSearch: 60, rerank: 1 });
  t.is(few.distanceComputations, distanceComputations - 35);
  t.is(index.search(query, { k: 5, rerank: 100, trace: true }).trace?.reranked, 100);
  const error = t.throws(() => index.search(query, { k: 5, rerank: 0 }), {
    instanceOf: IndexError,
  });
  t.is(error.code, 'invalid-option');
});

test('a scan is exact whatever the codes are', (t) => {
  const oracle = new FlatIndex(settings);
  oracle.insertBatch(ids, rows);
  for (const make of [HnswIndex, FlatIndex]) {
    const index = new make({ ...settings, vectorType: 'binary', trainingRows: 100 });
    index.insertBatch(ids, rows);
    t.deepEqual(index.scan(query, { k: 20 }), oracle.search(query, { k: 20 }));
    t.notDeepEqual(
      index.search(query, { k: 20, rerank: 20 }).hits,
      oracle.scan(query, { k: 20 }).hits,
    );
    const accept = { words: Uint32Array.of(0, 0xff) };
    t.deepEqual(
      index.search(query, { k: 5, accept }).hits,
      oracle.search(query, { k: 5, accept }).hits,
    );
  }
});

test('two threads build and search lossy rows as one does', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  for (const vectorType of ['sq8', 'pq8'] as const) {
    const index = new HnswIndex({ ...settings, vectorType, trainingRows: 200 });
    await index.insertBatchParallel(ids, rows, { pool });
    t.true(index.isTrained);
    t.deepEqual(index.verify().problems, []);
    const queries = imageLikeRows(4, 20, DIMENSION);
    const results = await index.searchMany(queries, { k: 8, pool });
    const alone = results.map((_, row) => index.search(rowOf(queries, DIMENSION, row), { k: 8 }));
    t.deepEqual(results, alone);
    const busy = index.searchMany(queries, { k: 8, pool });
    t.is(t.throws(() => index.train(), { instanceOf: IndexError }).code, 'index-busy');
    await busy;
  }
});

test('growing and compacting carry codes, exact rows and what was learned', (t) => {
  const index = new HnswIndex({ ...settings, vectorType: 'pq4', trainingRows: 64 });
  for (let row = 0; row < ROWS; row++) index.insertBatch([`doc-${row}`], part(row, row + 1));
  for (let row = 0; row < ROWS; row += 2) index.delete(`doc-${row}`);
  const before = index.search(query, { k: 9 });
  const { index: compact } = index.compacted();
  t.deepEqual(compact.search(query, { k: 9 }).hits, before.hits);
  t.deepEqual(compact.vectorOf('doc-7'), part(7, 8).slice());
  compact.insertBatch(['new'], query);
  t.deepEqual(compact.search(query, { k: 1 }).hits, [{ id: 'new', distance: 0 }]);
  t.deepEqual(compact.verify().problems, []);
});

test('a deleted row leaves neither its exact bytes nor its code in the file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const index = new HnswIndex({ ...settings, vectorType: 'sq8', trainingRows: 100 });
  const strange = Float32Array.from({ length: DIMENSION }, (_, i) => 200 + i / 7);
  const bytes = Buffer.from(strange.buffer);
  index.insertBatch(ids, rows);
  index.insertBatch(['strange'], strange);
  await index.save(folder);
  const file = () => readFile(join(folder, 'vectors.index'));
  const at = (await file()).indexOf(bytes);
  t.true(at > 0);
  index.delete('strange');
  await index.save(folder);
  t.is((await file()).indexOf(bytes), -1);
  t.deepEqual(
    (await openHnswIndex(folder)).search(strange, { k: 3 }).hits,
    index.search(strange, { k: 3 }).hits,
  );
});

test('learned numbers that make no sense are refused as a damaged file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const index = new HnswIndex({ ...settings, vectorType: 'sq8', trainingRows: 100 });
  index.insertBatch(ids, rows);
  await index.save(folder);
  const path = join(folder, 'vectors.index');
  const sound = await readFile(path);
  const headerBytes = sound.readUInt32LE(12);
  const header = JSON.parse(sound.subarray(52, 52 + headerBytes).toString());
  for (const learned of [[1, 2], Array(DIMENSION + 1).fill(Number.NaN), undefined]) {
    let position = 52 + headerBytes;
    const sections = header.sections.flatMap((entry: { name: string; lengthBytes: number }) => {
      const { lengthBytes, name } = entry;
      position += lengthBytes;
      if (name !== 'learned')
        return [{ name, bytes: sound.subarray(position - lengthBytes, position) }];
      return learned === undefined
        ? []
        : [{ name, bytes: new Uint8Array(Float32Array.from(learned).buffer) }];
    });
    await writeSectionFile(folder, header.head, sections);
    t.is(
      (await t.throwsAsync(openHnswIndex(folder), { instanceOf: IndexError })).code,
      'corrupt-file',
    );
  }
  await writeFile(path, sound);
  t.is((await openHnswIndex(folder)).size, ROWS);
});

test('sq8 and f16 can do without exact rows, once something was learned', async (t) => {
  const index = new HnswIndex({ ...settings, vectorType: 'sq8', keepsExactRows: false });
  const error = t.throws(() => index.insertBatch(ids, rows), { instanceOf: IndexError });
  t.deepEqual([error.code, index.size], ['untrained', 0]);
  index.train(part(0, 300));
  index.insertBatch(ids, rows);
  t.is(index.memoryUsage().exactRows, 0);
  const [hit] = index.search(part(77, 78), { k: 1 }).hits;
  t.is(hit?.id, 'doc-77');
  const again = t.throws(() => index.train(), { instanceOf: IndexError });
  t.is(again.code, 'invalid-option');
  const halves = new HnswIndex({ ...settings, vectorType: 'f16', keepsExactRows: true });
  halves.insertBatch(ids, rows);
  t.deepEqual(halves.vectorOf('doc-5'), part(5, 6).slice());
  for (const vectorType of ['pq8', 'binary'] as const) {
    const make = () => new FlatIndex({ ...settings, vectorType, keepsExactRows: false });
    t.is(t.throws(make, { instanceOf: IndexError }).code, 'invalid-option');
  }
});

test('memory is told apart into codes, exact rows and what was learned', (t) => {
  const index = new HnswIndex({ ...settings, vectorType: 'pq8', trainingRows: 100 });
  index.insertBatch(ids, rows);
  const { capacity, codes, exactRows, learned } = index.memoryUsage();
  t.deepEqual([codes, exactRows, learned], [16 * capacity, 96 * capacity, 4 * 256 * DIMENSION]);
  const plain = new HnswIndex(settings).memoryUsage();
  t.deepEqual([plain.exactRows, plain.learned], [0, 0]);
});
