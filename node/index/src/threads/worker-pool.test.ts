// Two workers over one memory. Nothing here depends on who comes first.

import test from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { recallAtK } from '../recall.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { WorkerPool } from './worker-pool.ts';

const DIMENSION = 16;
const ROWS = 2_000;
const QUERIES = 60;
const ids = numberedIds(ROWS);
const vectors = gaussianRows(1, ROWS, DIMENSION);
const queries = gaussianRows(2, QUERIES, DIMENSION);
const settings = { dimension: DIMENSION, metric: 'euclidean', m: 8 } as const;

function meanRecall(index: HnswIndex): number {
  const flat = new FlatIndex({ dimension: DIMENSION, metric: 'euclidean' });
  flat.insertBatch(ids, vectors);
  let sum = 0;
  for (let row = 0; row < QUERIES; row++) {
    const query = rowOf(queries, DIMENSION, row);
    const exact = flat.search(query, { k: 10 }).hits;
    sum += recallAtK(index.search(query, { k: 10, efSearch: 64 }).hits, exact);
  }
  return sum / QUERIES;
}

test('a parallel build keeps every invariant and finds what one thread finds', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  const index = new HnswIndex(settings);
  await index.insertBatchParallel(ids, vectors, { pool });
  t.is(index.size, ROWS);
  t.deepEqual(index.verify().problems, []);
  t.true(index.upkeepDistances > ROWS);
  for (let row = 0; row < ROWS; row += 7) {
    const own = rowOf(vectors, DIMENSION, row);
    t.is(index.search(own, { k: 1, efSearch: 64 }).hits[0]?.id, ids[row]);
  }
  const sequential = new HnswIndex(settings);
  sequential.insertBatch(ids, vectors);
  const [parallel, single] = [meanRecall(index), meanRecall(sequential)];
  t.true(parallel >= single - 0.01, `${parallel} by two threads, ${single} by one`);
  for (let row = 0; row < ROWS; row += 2) index.delete(ids[row] ?? '');
  t.deepEqual(index.verify().problems, []);
});

test('a parallel batch replaces rows, fills holes and grows the memory', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  const index = new HnswIndex(settings);
  index.insertBatch(ids.slice(0, 400), vectors.subarray(0, 400 * DIMENSION));
  for (let row = 0; row < 300; row++) index.delete(ids[row] ?? '');
  const shifted = vectors.map((value) => value + 1);
  await index.insertBatchParallel(ids, shifted, { pool });
  t.is(index.size, ROWS);
  t.deepEqual(index.verify().problems, []);
  t.deepEqual(index.vectorOf('doc-350'), rowOf(shifted, DIMENSION, 350).slice());
  await index.insertBatchParallel(ids.slice(0, 50), vectors.subarray(0, 50 * DIMENSION), { pool });
  t.deepEqual(index.vectorOf('doc-7'), rowOf(vectors, DIMENSION, 7).slice());
  t.is(index.size, ROWS);
});

test('equal rows, zero rows and one dimension build in parallel too', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  for (const row of [new Float32Array(800), Float32Array.from({ length: 800 }, (_, i) => i)]) {
    const index = new HnswIndex({ dimension: 1, metric: 'manhattan', m: 2, efConstruction: 8 });
    await index.insertBatchParallel(numberedIds(800), row, { pool });
    t.deepEqual(index.verify().problems, []);
    t.is(index.search(Float32Array.of(400), { k: 800 }).hits.length, 800);
  }
});

test('while workers build, searches find finished rows and other writes are refused', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  const index = new HnswIndex(settings);
  let isBuilding = true;
  const built = index.insertBatchParallel(ids, vectors, { pool }).finally(() => {
    isBuilding = false;
  });
  let searches = 0;
  while (isBuilding) {
    const { hits } = index.search(rowOf(queries, DIMENSION, searches++ % QUERIES), { k: 20 });
    t.is(new Set(hits.map(({ id }) => id)).size, hits.length);
    t.true(hits.every(({ distance }, i) => i === 0 || (hits[i - 1]?.distance ?? 0) <= distance));
    t.true(hits.length > 0 && hits.every(({ id }) => index.has(id)));
    await new Promise(setImmediate);
  }
  await built;
  t.true(searches > 0);
  const again = index.insertBatchParallel(['more'], new Float32Array(DIMENSION), { pool });
  const write = () => index.insertBatch(['x'], new Float32Array(DIMENSION));
  t.is(t.throws(write, { instanceOf: IndexError }).code, 'index-busy');
  t.is(t.throws(() => index.delete('doc-1'), { instanceOf: IndexError }).code, 'index-busy');
  await again;
  write();
  t.is(index.size, ROWS + 2);
});

test('many searches on workers answer as one thread does, filtered too', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  const index = new HnswIndex(settings);
  index.insertBatch(ids, vectors);
  const accept = { words: new Uint32Array(Math.ceil(ROWS / 32)).fill(0x5555_5555) };
  for (const options of [
    { k: 10, efSearch: 40 },
    { k: 3, accept },
  ]) {
    const found = await index.searchMany(queries, { ...options, pool });
    t.is(found.length, QUERIES);
    for (const [row, result] of found.entries()) {
      t.deepEqual(result, index.search(rowOf(queries, DIMENSION, row), options));
    }
  }
  t.deepEqual(await index.searchMany(new Float32Array(0), { k: 1, pool }), []);
});

test('slots that died while others search are used again only afterwards', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  const index = new HnswIndex(settings);
  index.insertBatch(ids, vectors);
  const { slotCount } = index;
  const searching = index.searchMany(queries, { k: 10, pool });
  for (let row = 0; row < 300; row++) index.delete(ids[row] ?? '');
  index.eraseDead();
  index.insertBatch(['during'], new Float32Array(DIMENSION));
  t.is(index.slotCount, slotCount + 1);
  for (const { hits } of await searching) {
    t.true(hits.every(({ id }) => index.has(id)));
    t.is(new Set(hits.map(({ id }) => id)).size, hits.length);
  }
  index.insertBatch(['after'], new Float32Array(DIMENSION));
  t.is(index.slotCount, slotCount + 1);
  t.deepEqual(index.verify().problems, []);
});

test('an aborted build keeps the rows that were linked and forgets the others', async (t) => {
  await using pool = new WorkerPool({ threads: 2 });
  // So slow that the abort comes in time.
  const index = new HnswIndex({ ...settings, efConstruction: 1_000 });
  const controller = new AbortController();
  const { signal } = controller;
  const building = index.insertBatchParallel(ids, vectors, { pool, signal });
  while (index.search(rowOf(queries, DIMENSION, 0), { k: 50 }).hits.length < 50) {
    await new Promise(setImmediate);
  }
  controller.abort(new Error('enough'));
  await t.throwsAsync(building, { message: 'enough' });
  t.true(index.size >= 50 && index.size < ROWS);
  t.deepEqual(index.verify().problems, []);
  const last = vectors.subarray((ROWS - 40) * DIMENSION);
  await index.insertBatchParallel(ids.slice(ROWS - 40), last, { pool });
  t.deepEqual(index.verify().problems, []);
  t.true(ids.slice(ROWS - 40).every((id) => index.has(id)));
});

test('a pool whose worker dies refuses its job and later ones; searches go on', async (t) => {
  const pool = new WorkerPool({ threads: 2 });
  const index = new HnswIndex({ ...settings, efConstruction: 1_000 });
  const building = index.insertBatchParallel(ids, vectors, { pool });
  while (index.search(rowOf(queries, DIMENSION, 0), { k: 20 }).hits.length < 20) {
    await new Promise(setImmediate);
  }
  await pool.stop();
  const code = async (promise: Promise<unknown>) =>
    (await t.throwsAsync(promise, { instanceOf: IndexError })).code;
  t.is(await code(building), 'worker-failed');
  t.is(await code(index.searchMany(queries, { k: 1, pool })), 'worker-failed');
  t.is(t.throws(() => index.delete('doc-0'), { instanceOf: IndexError }).code, 'worker-failed');
  t.true(index.search(rowOf(queries, DIMENSION, 0), { k: 20 }).hits.length === 20);
});

test('a stopped pool leaves an index that it never touched as it was', async (t) => {
  const pool = new WorkerPool({ threads: 1 });
  await pool.stop();
  const index = new HnswIndex(settings);
  await t.throwsAsync(index.insertBatchParallel(ids, vectors, { pool }), {
    instanceOf: IndexError,
  });
  index.insertBatch(ids.slice(0, 50), vectors.subarray(0, 50 * DIMENSION));
  t.deepEqual(index.verify().problems, []);
});

for (const threads of [0, 1.5, 65]) {
  test(`a pool of ${threads} threads is refused`, (t) => {
    t.throws(() => new WorkerPool({ threads }), { instanceOf: IndexError, message: /threads =/ });
  });
}
