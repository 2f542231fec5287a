import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { checkRows } from './check-rows.ts';
import { Collection } from './collection.ts';
import type { CollectionCore } from './collection-core.ts';
import { openCore } from './open-core.ts';
import { upsertWrite } from './row-writes.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const DIMENSION = 8;
const ROWS = 2_000;
const SETTINGS = {
  dimension: DIMENSION,
  metric: 'euclidean',
  m: 8,
  segmentRowsMax: 1_500,
  threads: 2,
  columns: { parity: 'keyword', row: 'integer' },
} as const;

const ids = numberedIds(ROWS);
const vectors = gaussianRows(1, ROWS, DIMENSION);
const metadata = ids.map((_, row) => ({ parity: row % 2 === 0 ? 'even' : 'odd', row }));
const queries = Array.from({ length: 40 }, (_, row) => rowOf(vectors, DIMENSION, 3 * row));

function newDisk(t: ExecutionContext): SimulatedDisk {
  const disk = new SimulatedDisk();
  t.teardown(() => disk[Symbol.dispose]());
  return disk;
}

test('a batch that threads link is a batch like any other', async (t) => {
  const storage = newDisk(t);
  const first = { ids: ids.slice(0, 300), vectors: vectors.map((value) => -value), metadata };
  {
    await using collection = await Collection.open(FOLDER, SETTINGS, { storage });
    const negated = first.vectors.subarray(0, 300 * DIMENSION);
    await collection.upsert({ ...first, vectors: negated, metadata: metadata.slice(0, 300) });
    await collection.delete(['doc-7']);
    await collection.upsert({ ids, vectors, metadata });
    t.is(collection.size, ROWS);
    t.is(collection.stats().segments.length, 2);
  }
  await using again = await Collection.open(FOLDER, SETTINGS, { storage });
  t.is(again.size, ROWS);
  for (let row = 0; row < ROWS; row += 97) {
    const stored = await again.get(`doc-${row}`);
    t.deepEqual(stored?.vector, rowOf(vectors, DIMENSION, row).slice());
    t.deepEqual(stored?.metadata, metadata[row]);
    const filter = { where: { row } };
    const { hits } = await again.search(rowOf(vectors, DIMENSION, 0), { k: 3, filter });
    t.deepEqual(
      hits.map(({ id }) => id),
      [`doc-${row}`],
    );
  }
});

test('many searches on threads answer as one after another do, filtered or not', async (t) => {
  const storage = newDisk(t);
  await using collection = await Collection.open(FOLDER, SETTINGS, { storage });
  await collection.load([{ ids, vectors, metadata }]);
  for (const filter of [
    undefined,
    { where: { parity: 'even' } },
    { where: { row: { lt: 12 } } },
    { ids: ['doc-5', 'doc-1999'] },
  ]) {
    const options = { k: 10, efSearch: ROWS, ...(filter === undefined ? {} : { filter }) };
    const found = await collection.searchMany(queries, options);
    for (const [row, query] of queries.entries()) {
      const { hits } = await collection.search(query, options);
      t.deepEqual(found[row]?.hits, hits);
    }
  }
  const signal = AbortSignal.abort(new Error('enough'));
  await t.throwsAsync(collection.searchMany(queries, { k: 1, signal }), { message: 'enough' });
});

test('reads go on while threads link a batch, and see whole rows', async (t) => {
  const storage = newDisk(t);
  await using collection = await Collection.open(FOLDER, SETTINGS, { storage });
  const half = ROWS / 2;
  await collection.upsert({
    ids: ids.slice(0, half),
    vectors: vectors.subarray(0, half * DIMENSION),
    metadata: metadata.slice(0, half),
  });
  let isWriting = true;
  const written = collection.upsert({ ids, vectors, metadata }).finally(() => {
    isWriting = false;
  });
  let reads = 0;
  for (; isWriting; reads++) {
    const row = (reads * 31) % ROWS;
    const found = await collection.get(`doc-${row}`);
    if (row < half || found !== undefined) t.deepEqual(found?.metadata, metadata[row]);
    const filter = { where: { parity: 'odd' } } as const;
    const many = await collection.searchMany(queries, { k: 5, filter });
    for (const { hits } of many) {
      t.is(hits.length, 5);
      t.is(new Set(hits.map(({ id }) => id)).size, 5);
      t.true(hits.every(({ id }) => Number(id.slice(4)) % 2 === 1));
    }
    await turn();
  }
  await written;
  t.true(reads > 0);
  t.is(collection.size, ROWS);
});

async function write(core: CollectionCore, from: number, to: number): Promise<void> {
  const rows = {
    ids: ids.slice(from, to),
    vectors: vectors.subarray(from * DIMENSION, to * DIMENSION),
    metadata: metadata.slice(from, to),
  };
  await core.queue.write(upsertWrite(core, checkRows(rows, core.options), 'replace'));
}

async function close({ lock, log, queue, threads }: CollectionCore): Promise<void> {
  await queue.exclusive(() => log.close());
  await threads?.stop();
  await lock.release();
}

test('a worker that dies at a batch fails it; searches go on, and the log brings all of it', async (t) => {
  const storage = newDisk(t);
  const core = await openCore(FOLDER, { ...SETTINGS, efConstruction: 400 }, storage, undefined);
  await write(core, 0, 300);
  const batch = write(core, 300, 1_400);
  const query = rowOf(vectors, DIMENSION, 4);
  while (core.segments.search(query, { k: 400 }).hits.length < 310) await turn();
  await core.threads?.stop();
  const error = await t.throwsAsync(batch, { instanceOf: IndexError });
  t.is(error?.code, 'worker-failed');
  t.regex(error?.message ?? '', /in the log .* open it again/);
  const later = await t.throwsAsync(write(core, 1_400, 1_401), { instanceOf: IndexError });
  t.is(later?.code, 'worker-failed');
  const found = core.segments.search(query, { k: 1 });
  t.deepEqual(found.hits, [{ id: 'doc-4', distance: 0 }]);
  await close(core);
  await using again = await Collection.open(
    FOLDER,
    { ...SETTINGS, efConstruction: 400 },
    { storage },
  );
  t.is(again.size, 1_400);
  t.deepEqual((await again.get('doc-1399'))?.metadata, metadata[1_399]);
  const { hits } = await again.search(rowOf(vectors, DIMENSION, 1_399), { k: 1 });
  t.deepEqual(hits, [{ id: 'doc-1399', distance: 0 }]);
});

test('without its threads a collection takes batches on the main one', async (t) => {
  const storage = newDisk(t);
  const core = await openCore(FOLDER, SETTINGS, storage, undefined);
  await write(core, 0, 300);
  await core.threads?.stop();
  await write(core, 300, 900);
  t.is(core.segments.size, 900);
  t.deepEqual(core.segments.find('doc-800')?.metadataOf('doc-800'), metadata[800]);
  await close(core);
});
