import test from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import type { Row } from './check-rows.ts';
import { Collection } from './collection.ts';
import type { CollectionSettings } from './collection-options.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const DIMENSION = 6;
const ROWS = 200;
const SETTINGS: CollectionSettings = {
  dimension: DIMENSION,
  metric: 'euclidean',
  m: 8,
  segmentRowsMax: 45,
};

const vectors = gaussianRows(1, ROWS, DIMENSION);
const query = gaussianRows(2, 1, DIMENSION);

function exact(): FlatIndex {
  const index = new FlatIndex({ dimension: DIMENSION, metric: 'euclidean' });
  index.insertBatch(numberedIds(ROWS), vectors);
  return index;
}

async function filled(disk: SimulatedDisk): Promise<Collection> {
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  await collection.upsert({ ids: numberedIds(ROWS), vectors });
  return collection;
}

test('a search over many segments finds what an exact search over all rows does', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await filled(disk);
  t.is(collection.stats().segments.length, 5);
  const { hits } = await collection.search(query, { k: 10, efSearch: 100 });
  t.deepEqual(hits, exact().search(query, { k: 10 }).hits);
  t.deepEqual(await collection.searchMany([query, [...query]], { k: 10, efSearch: 100 }), [
    await collection.search(query, { k: 10, efSearch: 100 }),
    await collection.search(query, { k: 10, efSearch: 100 }),
  ]);
});

test('a range search finds exactly the rows within the radius, up to the limit', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await filled(disk);
  const all = exact().search(query, { k: ROWS }).hits;
  for (const count of [0, 1, 31, 32, 33, 120, ROWS]) {
    const radius = count === 0 ? 0 : (all[count - 1]?.distance ?? 0);
    const hits = await collection.range(query, { radius, efSearch: ROWS });
    t.deepEqual(hits, all.slice(0, count));
  }
  t.deepEqual(await collection.range(query, { radius: 1e9, limit: 7 }), all.slice(0, 7));
  await t.throwsAsync(collection.range(query, { radius: Number.NaN }), { message: /radius/ });
});

test('more results come for as long as there are rows, none twice', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await filled(disk);
  const seen: string[] = [];
  for await (const hit of collection.results(query, { k: 3, efSearch: ROWS })) {
    seen.push(hit.id);
    if (seen.length === 20) await collection.delete([hit.id]);
  }
  t.is(new Set(seen).size, seen.length);
  t.is(seen.length, ROWS);
  t.deepEqual(
    seen.slice(0, 20),
    exact()
      .search(query, { k: 20 })
      .hits.map((hit) => hit.id),
  );
});

test('a load takes rows from a stream, tells how far it is, and stops when asked', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  async function* stream() {
    for (let row = 0; row < 50; row++) {
      yield { id: `doc-${row % 40}`, vector: rowOf(vectors, DIMENSION, row) } satisfies Row;
    }
    yield { ids: ['last'], vectors: rowOf(vectors, DIMENSION, 60) };
  }
  const progress: number[] = [];
  const onProgress = ({ rows }: { rows: number }) => progress.push(rows);
  t.deepEqual(await collection.load(stream(), { batchRows: 16, onProgress }), { rows: 51 });
  t.deepEqual(progress, [16, 32, 48, 50, 51]);
  t.is(collection.size, 41);
  t.deepEqual((await collection.get('doc-3'))?.vector, rowOf(vectors, DIMENSION, 43).slice());

  const stop = new AbortController();
  const load = collection.load(
    numberedIds(100).map((id, row) => ({
      id: `new-${id}`,
      vector: rowOf(vectors, DIMENSION, row),
    })),
    { batchRows: 10, signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) },
  );
  await t.throwsAsync(load, { message: 'enough' });
  t.true(collection.size > 41 && collection.size < 80);
});

test('writes of one turn share one fsync', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  let syncs = 0;
  disk.onChange = ({ call }) => {
    if (call.startsWith('sync ')) syncs++;
  };
  const writes = numberedIds(50).map((id, row) => {
    return collection.upsert([{ id, vector: rowOf(vectors, DIMENSION, row) }]);
  });
  await Promise.all(writes);
  t.is(syncs, 1);
  t.is(collection.size, 50);
});

test('a buffered write waits for no fsync, a checkpoint and a close make up for it', async (t) => {
  using disk = new SimulatedDisk();
  const settings: CollectionSettings = { ...SETTINGS, durability: 'buffered' };
  const collection = await Collection.open(FOLDER, settings, { storage: disk });
  let syncs = 0;
  disk.onChange = ({ call }) => {
    if (call.startsWith('sync ')) syncs++;
  };
  await collection.upsert([{ id: 'a', vector: query }]);
  t.is(syncs, 0);
  await collection.close();
  t.is(syncs, 1);
});

test('a write holds what the arrays were at the call', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  const mine = Float32Array.from(query);
  const written = collection.upsert({ ids: ['a'], vectors: mine });
  mine.fill(9);
  await written;
  t.deepEqual((await collection.get('a'))?.vector, query);
});

test('a long log starts a checkpoint by itself, and opening replays little', async (t) => {
  using disk = new SimulatedDisk();
  const settings = { ...SETTINGS, checkpointLogBytes: 2_000 };
  {
    await using collection = await Collection.open(FOLDER, settings, { storage: disk });
    for (const [row, id] of numberedIds(ROWS).entries()) {
      await collection.upsert([{ id, vector: rowOf(vectors, DIMENSION, row) }]);
    }
  }
  await using again = await Collection.open(FOLDER, settings, { storage: disk });
  const { checkpointSequence, sequence } = again.stats();
  t.is(sequence, ROWS);
  t.true(checkpointSequence > ROWS / 2);
  t.is(again.size, ROWS);
});

test('a snapshot holds the rows of its moment while writing goes on', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await filled(disk);
  const snapshot = collection.snapshot('/copy');
  await Promise.all([collection.upsert([{ id: 'new', vector: query }]), snapshot]);
  await collection.delete(['doc-1'], { erase: 'now' });
  await using copy = await Collection.open('/copy', SETTINGS, { storage: disk });
  t.is((await copy.get('doc-1'))?.id, 'doc-1');
  t.true(copy.size === ROWS || copy.size === ROWS + 1);
  await t.throwsAsync(collection.snapshot('/copy'), { message: /not empty/ });
});

test('a collection of bytes keeps them exactly, in its log too', async (t) => {
  using disk = new SimulatedDisk();
  const settings: CollectionSettings = { dimension: 3, metric: 'euclidean', vectorType: 'u8' };
  {
    await using collection = await Collection.open(FOLDER, settings, { storage: disk });
    await collection.upsert({ ids: ['a', 'b'], vectors: Uint8Array.of(0, 128, 255, 1, 2, 3) });
    const error = await t.throwsAsync(collection.upsert([{ id: 'c', vector: [1, 2, 256] }]));
    t.regex(error?.message ?? '', /256/);
  }
  await using again = await Collection.open(FOLDER, {}, { storage: disk });
  t.deepEqual((await again.get('a'))?.vector, Float32Array.of(0, 128, 255));
  const { hits } = await again.search(Uint8Array.of(1, 2, 3), { k: 1 });
  t.deepEqual(hits, [{ id: 'b', distance: 0 }]);
});

test('a collection of lossy rows reports exact distances, after opening too', async (t) => {
  using disk = new SimulatedDisk();
  const settings: CollectionSettings = { dimension: DIMENSION, vectorType: 'sq8', kind: 'flat' };
  const query = rowOf(vectors, DIMENSION, 7);
  {
    await using collection = await Collection.open(FOLDER, settings, { storage: disk });
    await collection.upsert({ ids: numberedIds(ROWS), vectors });
    t.is((await collection.search(query, { k: 1 })).hits[0]?.id, 'doc-7');
  }
  await using again = await Collection.open(FOLDER, {}, { storage: disk });
  const { hits } = await again.search(query, { k: 3 });
  t.is(hits[0]?.id, 'doc-7');
  t.true((hits[0]?.distance ?? 1) < 1e-6);
});

test('compaction merges small segments and leaves every row where it is found', async (t) => {
  using disk = new SimulatedDisk();
  await using collection = await filled(disk);
  const gone = numberedIds(ROWS).filter((_, row) => row % 5 !== 0);
  t.is(await collection.delete(gone), gone.length);
  await collection.compact();
  const { segments } = collection.stats();
  t.deepEqual(segments, [{ rows: 40, deletedRows: 0 }]);
  const { hits } = await collection.search(rowOf(vectors, DIMENSION, 35), { k: 1 });
  t.deepEqual(hits, [{ id: 'doc-35', distance: 0 }]);
});
