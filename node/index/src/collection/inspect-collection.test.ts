// What an inspection knows about a collection: its graphs, and what it was asked, in this process
// and before.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { Collection } from './collection.ts';
import type { CollectionSettings } from './collection-options.ts';
import { WORKLOAD_NAME } from './workload-file.ts';

const DIMENSION = 12;
const ROWS = 600;
const SETTINGS: CollectionSettings = { dimension: DIMENSION, metric: 'euclidean', m: 8 };
const vectors = gaussianRows(1, ROWS, DIMENSION);
const queries = gaussianRows(2, 300, DIMENSION);

async function newFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-inspect-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function filled(folder: string, settings: CollectionSettings = {}): Promise<Collection> {
  const collection = await Collection.open(folder, { ...SETTINGS, ...settings });
  await collection.upsert({ ids: numberedIds(ROWS), vectors });
  return collection;
}

async function ask(collection: Collection, count: number, efSearch = 64): Promise<void> {
  for (let i = 0; i < count; i++) {
    await collection.search(rowOf(queries, DIMENSION, i), { k: 10, efSearch });
  }
}

test('a sound collection of several segments yields no finding, and all its numbers', async (t) => {
  await using collection = await filled(await newFolder(t), { segmentRowsMax: 250 });
  await ask(collection, 250);
  const { findings, segments, statistics } = await collection.inspect();
  t.deepEqual(findings, []);
  t.deepEqual(
    segments.map(({ graph, kind, rows }) => [kind, rows, graph?.rows]),
    [
      ['hnsw', 250, 250],
      ['hnsw', 250, 250],
      ['hnsw', 100, 100],
    ],
  );
  const { recall, rows, rowsPerLayer, searches, unreachableRows } = statistics;
  t.deepEqual([rows, rowsPerLayer[0], searches, unreachableRows], [ROWS, ROWS, 250, 0]);
  t.is(recall?.queries, 64);
  t.true((recall?.mean ?? 0) > 0.95);
  t.is(statistics.degree.count, ROWS);
});

test('an empty collection and an exact one can be inspected', async (t) => {
  await using empty = await Collection.open(await newFolder(t), SETTINGS);
  t.deepEqual((await empty.inspect()).findings, []);
  await using exact = await filled(await newFolder(t), { kind: 'flat' });
  await ask(exact, 50);
  const { findings, segments, statistics } = await exact.inspect();
  t.deepEqual(findings, []);
  t.is(segments[0]?.graph, undefined);
  t.deepEqual([statistics.rows, statistics.recall?.mean], [ROWS, 1]);
});

test('the next process knows what was asked: recall and hot spots are measured', async (t) => {
  const folder = await newFolder(t);
  {
    await using collection = await filled(folder);
    for (let i = 0; i < 250; i++) {
      await collection.search(rowOf(vectors, DIMENSION, i % 2), { k: 10, efSearch: 10 });
    }
  }
  await using opened = await Collection.open(folder);
  const { findings, statistics } = await opened.inspect();
  t.is(statistics.searches, 250);
  t.is(statistics.recall?.queries, 64);
  const hot = findings.find(({ name }) => name === 'hot-spot');
  t.deepEqual([...(hot?.sampleIds ?? [])].sort(), ['doc-0', 'doc-1']);
});

test('too narrow beams of an earlier process show as low recall', async (t) => {
  const folder = await newFolder(t);
  {
    await using collection = await filled(folder, { m: 4, efConstruction: 8 });
    await ask(collection, 200, 10);
    await collection.checkpoint();
  }
  await using opened = await Collection.open(folder);
  const { findings } = await opened.inspect();
  t.true(findings.some(({ name }) => name === 'low-recall'));
});

test('no query is kept where that is turned off, and what was kept before goes', async (t) => {
  const folder = await newFolder(t);
  {
    await using collection = await filled(folder);
    await ask(collection, 10);
  }
  t.true((await readdir(folder)).includes(WORKLOAD_NAME));
  {
    await using collection = await Collection.open(folder, { keepQueries: false });
    await ask(collection, 10);
  }
  t.false((await readdir(folder)).includes(WORKLOAD_NAME));
  await using unobserved = await Collection.open(folder, { observe: false });
  await ask(unobserved, 10);
  const { statistics } = await unobserved.inspect();
  t.deepEqual([statistics.searches, statistics.recall], [0, undefined]);
});

test('compaction and erasing forget the queries', async (t) => {
  const folder = await newFolder(t);
  await using collection = await filled(folder);
  const query = Buffer.from(rowOf(queries, DIMENSION, 0).slice().buffer).toString('base64');
  const keeps = async () => {
    const names = await readdir(folder);
    if (!names.includes(WORKLOAD_NAME)) return false;
    return (await readFile(join(folder, WORKLOAD_NAME), 'utf8')).includes(query);
  };
  for (const forget of [
    () => collection.compact(),
    () => collection.delete(['doc-1'], { erase: 'now' }),
  ]) {
    await ask(collection, 5);
    await collection.checkpoint();
    t.true(await keeps());
    await forget();
    t.false(await keeps());
    t.is((await collection.inspect()).statistics.recall, undefined);
  }
});

test('a damaged sample of queries keeps no collection from opening', async (t) => {
  const folder = await newFolder(t);
  {
    await using collection = await filled(folder);
    await ask(collection, 5);
  }
  const path = join(folder, WORKLOAD_NAME);
  const bytes = await readFile(path);
  bytes[bytes.length - 40] = (bytes.at(-40) ?? 0) ^ 1;
  await writeFile(path, bytes);
  await using collection = await Collection.open(folder);
  t.is(collection.size, ROWS);
  t.is((await collection.inspect()).statistics.recall, undefined);
});

test('wide tombstones are found, survive a restart, and a compaction heals them', async (t) => {
  const folder = await newFolder(t);
  {
    await using collection = await filled(folder);
    await collection.upsert([
      { id: 'doc-599', vector: [...rowOf(vectors, DIMENSION, 599)], metadata: { year: 2024 } },
    ]);
    await collection.delete(numberedIds(ROWS).slice(0, 350));
  }
  await using collection = await Collection.open(folder);
  const before = await collection.inspect();
  t.deepEqual(
    before.findings.map(({ name }) => name),
    ['tombstone-share'],
  );
  const { hits } = await collection.search(rowOf(queries, DIMENSION, 0), { k: 10 });
  await collection.compact();
  const { findings, statistics } = await collection.inspect();
  t.deepEqual(findings, []);
  t.deepEqual([statistics.rows, statistics.deadRows], [250, 0]);
  t.deepEqual((await collection.search(rowOf(queries, DIMENSION, 0), { k: 10 })).hits, hits);
  t.deepEqual((await collection.get('doc-599'))?.metadata, { year: 2024 });
});

test('an inspection fills the gauges of the meter', async (t) => {
  const gauges = new Map<string, number>();
  const meter = {
    count: (name: string, amount = 1) => gauges.set(name, (gauges.get(name) ?? 0) + amount),
    gauge: (name: string, value: number, labels = {}) => {
      gauges.set([name, ...Object.values(labels)].join(' '), value);
    },
  };
  await using collection = await Collection.open(await newFolder(t), SETTINGS, { meter });
  await collection.upsert({ ids: numberedIds(ROWS), vectors });
  await ask(collection, 40);
  await collection.inspect();
  t.is(gauges.get('starling_index_rows_total live'), ROWS);
  t.is(gauges.get('starling_index_searches_total'), 40);
  t.is(gauges.get('starling_index_findings_total unreachable'), 0);
  t.true((gauges.get('starling_index_memory_bytes') ?? 0) > ROWS * DIMENSION * 4);
});
