import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { gaussianRows, numberedIds } from '../sample-vectors.ts';
import { Collection } from './collection.ts';
import { type CollectionSettings, INDEX_KINDS, type IndexKind } from './collection-options.ts';

const DIMENSION = 4;
const SETTINGS: CollectionSettings = { dimension: DIMENSION, metric: 'euclidean', m: 4 };

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-collection-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function rows(count: number, seed = 1) {
  return { ids: numberedIds(count), vectors: gaussianRows(seed, count, DIMENSION) };
}

test('rows written, replaced and deleted are as they were left after opening again', async (t) => {
  const folder = join(await newFolder(t), 'made', 'on', 'demand');
  {
    await using collection = await Collection.open(folder, SETTINGS);
    await collection.upsert(rows(30));
    await collection.upsert([{ id: 'doc-3', vector: [9, 9, 9, 9], metadata: { year: 2024 } }]);
    t.is(await collection.delete(['doc-5', 'doc-6', 'nobody']), 2);
  }
  await using opened = await Collection.open(folder);
  t.is(opened.size, 28);
  t.deepEqual(await opened.get('doc-3'), {
    id: 'doc-3',
    vector: Float32Array.of(9, 9, 9, 9),
    metadata: { year: 2024 },
  });
  t.is(await opened.get('doc-5'), undefined);
  const { hits } = await opened.search([9, 9, 9, 9], { k: 1 });
  t.deepEqual(hits, [{ id: 'doc-3', distance: 0 }]);
});

for (const kind of INDEX_KINDS) {
  test(`${kind}: an erased row is in no file of the folder`, erasedRow, kind);
}

async function erasedRow(t: ExecutionContext, kind: IndexKind): Promise<void> {
  const folder = await newFolder(t);
  const settings = { ...SETTINGS, kind, segmentRowsMax: 20 };
  await using collection = await Collection.open(folder, settings);
  const marker = Float32Array.of(1.2345, 6.789, 0.12345, 77.125);
  await collection.upsert(rows(50));
  await collection.upsert([{ id: 'secret', vector: marker, metadata: { name: 'Marker-Text' } }]);
  await collection.checkpoint();
  await collection.upsert([{ id: 'secret', vector: [0, 0, 0, 0] }]);
  await collection.delete(['secret'], { erase: 'now' });
  const needles = [Buffer.from(marker.buffer), Buffer.from('Marker-Text'), Buffer.from('secret')];
  for (const [path, bytes] of await filesBelow(folder)) {
    for (const needle of needles) t.false(bytes.includes(needle), path);
  }
}

async function filesBelow(folder: string): Promise<[string, Buffer][]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name));
  return Promise.all(paths.map(async (path) => [path, await readFile(path)] as [string, Buffer]));
}

test('a single saved index is taken over', async (t) => {
  const folder = await newFolder(t);
  const index = new HnswIndex({ dimension: DIMENSION, metric: 'euclidean', m: 4 });
  index.insertBatch(numberedIds(10), gaussianRows(1, 10, DIMENSION));
  await index.save(folder);
  {
    await using collection = await Collection.open(folder);
    t.is(collection.size, 10);
    await collection.delete(['doc-1']);
    await collection.checkpoint();
    t.true((await readdir(folder)).includes('vectors.index'));
    await collection.upsert([{ id: 'new', vector: [1, 2, 3, 4] }]);
    await collection.checkpoint();
    t.false((await readdir(folder)).includes('vectors.index'));
  }
  await using collection = await Collection.open(folder, SETTINGS);
  t.is(collection.size, 10);
  t.deepEqual((await collection.get('new'))?.vector, Float32Array.of(1, 2, 3, 4));
});
