// Rows stored in an order of falling variance, beside the same rows in their natural order.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openHnswIndex, openIndex } from '../file/open-index.ts';
import { type Section, writeSectionFile } from '../file/section-file.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { WorkerPool } from '../threads/worker-pool.ts';
import { encodeGraph, encodeGraphHead } from './graph-sections.ts';
import { HnswGraph } from './hnsw-graph.ts';
import { HnswIndex } from './hnsw-index.ts';
import { checkHnswOptions, type HnswSettings } from './hnsw-options.ts';

const DIMENSION = 784;
const ROWS = 400;
const ids = numberedIds(ROWS);
const rows = strokes(1, ROWS);
const queries = strokes(2, 20);
const search = { k: 10, efSearch: 40 };

/** Small integers, so that no sum is rounded; few scattered components vary most. */
function strokes(seed: number, count: number): Float32Array {
  return gaussianRows(seed, count, DIMENSION).map((value, at) => {
    const rank = (37 * at) % DIMENSION;
    return Math.min(63, Math.max(0, Math.round(20 + (900 * value) / (60 + rank))));
  });
}

function settingsOf(vectorType: 'f32' | 'u8'): HnswSettings {
  return { dimension: DIMENSION, metric: 'euclidean', vectorType, m: 6, efConstruction: 30 };
}

function emptyIndex(settings: HnswSettings) {
  const graph = new HnswGraph(checkHnswOptions(settings));
  return { graph, index: new HnswIndex(graph.options, graph) };
}

/** Of equal rows: one batch, which is arranged, and a row before the rest, which is not. */
function builtBoth(vectorType: 'f32' | 'u8') {
  const [arranged, plain] = [
    emptyIndex(settingsOf(vectorType)),
    emptyIndex(settingsOf(vectorType)),
  ];
  arranged.index.insertBatch(ids, rows);
  plain.index.insertBatch(ids.slice(0, 1), rows.subarray(0, DIMENSION));
  plain.index.insertBatch(ids.slice(1), rows.subarray(DIMENSION));
  return { arranged, plain };
}

function answersOf(index: HnswIndex | FlatIndex) {
  return Array.from({ length: 20 }, (_, at) => {
    const query = rowOf(queries, DIMENSION, at);
    return [index.search(query, search).hits, index.scan(query, search)];
  });
}

for (const vectorType of ['f32', 'u8'] as const) {
  test(`arranged rows of ${vectorType} get the links, hits and distances of plain ones`, (t) => {
    const { arranged, plain } = builtBoth(vectorType);
    t.is(arranged.graph.memory.startBytes, vectorType === 'f32' ? 1_088 : 512);
    t.is(plain.graph.memory.startBytes, 0);
    t.deepEqual(answersOf(arranged.index), answersOf(plain.index));
    t.is(arranged.index.upkeepDistances, plain.index.upkeepDistances);
    t.deepEqual(arranged.graph.memory.links, plain.graph.memory.links);
    const flat = new FlatIndex(settingsOf(vectorType));
    flat.insertBatch(ids, rows);
    for (let row = 0; row < ROWS; row += 20) {
      const kept = arranged.index.vectorOf(ids[row] as string);
      t.deepEqual(kept, rowOf(rows, DIMENSION, row).slice());
    }
    const query = rowOf(queries, DIMENSION, 3);
    t.deepEqual(arranged.index.scan(query, search), flat.search(query, search));
  });

  test(`the order of ${vectorType} outlives growth, deletes, files and compaction`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const { arranged, plain } = builtBoth(vectorType);
    for (const { index } of [arranged, plain]) {
      for (const id of ids.slice(0, 50)) index.delete(id);
      index.insertBatch(
        ids.map((id) => `more ${id}`),
        strokes(3, ROWS),
      );
    }
    const expected = answersOf(plain.index);
    t.true(arranged.graph.memory.capacity > ROWS && arranged.graph.memory.startBytes > 0);
    t.deepEqual(answersOf(arranged.index), expected);
    await arranged.index.save(folder);
    const opened = await openHnswIndex(folder);
    t.deepEqual(answersOf(opened), expected);
    const { index: compacted } = opened.compacted();
    t.deepEqual(answersOf(compacted), answersOf(plain.index.compacted().index));
    await compacted.save(folder);
    const again = await openHnswIndex(folder);
    t.deepEqual(again.vectorOf('doc-77'), rowOf(rows, DIMENSION, 77).slice());
    again.insertBatch(['late'], rowOf(queries, DIMENSION, 0));
    const [nearest] = again.search(rowOf(queries, DIMENSION, 0), search).hits;
    t.deepEqual(nearest, { id: 'late', distance: 0 });
  });

  test(`threads build and search arranged rows of ${vectorType} as one does`, async (t) => {
    await using pool = new WorkerPool({ threads: 2 });
    const { graph, index } = emptyIndex(settingsOf(vectorType));
    await index.insertBatchParallel(ids, rows, { pool });
    t.true(graph.memory.startBytes > 0);
    t.deepEqual(index.verify().problems, []);
    const many = await index.searchMany(queries, { ...search, pool });
    for (const [at, { hits }] of many.entries()) {
      t.deepEqual(hits, index.search(rowOf(queries, DIMENSION, at), search).hits);
    }
    const wide = { k: 10, efSearch: ROWS };
    const [all] = await index.searchMany(rowOf(queries, DIMENSION, 0), { ...wide, pool });
    t.deepEqual(all?.hits, index.scan(rowOf(queries, DIMENSION, 0), wide).hits);
  });
}

test('other metrics and types, few rows, short or even ones and searched indexes stay plain', (t) => {
  const natural = (settings: Partial<HnswSettings>, vectors = rows, count = ROWS) => {
    const { graph, index } = emptyIndex({ ...settingsOf('f32'), ...settings });
    index.insertBatch(ids.slice(0, count), vectors.subarray(0, count * index.dimension));
    return graph.memory.startBytes === 0 && !('startBytes' in encodeGraphHead(graph));
  };
  for (const metric of ['cosine', 'dot', 'manhattan'] as const) t.true(natural({ metric }));
  for (const vectorType of ['f16', 'sq8'] as const) t.true(natural({ vectorType }));
  t.true(natural({}, rows, 255));
  t.false(natural({}, rows, 256));
  t.true(natural({ dimension: 112 }));
  t.true(natural({}, gaussianRows(4, ROWS, DIMENSION)));
  const { graph, index } = emptyIndex(settingsOf('f32'));
  const leave = graph.readers.enter();
  index.insertBatch(ids, rows);
  leave();
  t.is(graph.memory.startBytes, 0);
});

type Change = (head: Record<string, unknown>, sections: Section[]) => void;

function withComponents(change: (components: Int32Array) => Int32Array): Change {
  return (_, sections) => {
    const at = sections.findIndex(({ name }) => name === 'components');
    const { buffer } = sections[at]?.bytes ?? new Uint8Array(0);
    const bytes = new Uint8Array(change(new Int32Array(buffer.slice(0))).buffer);
    sections[at] = { name: 'components', bytes };
  };
}

const DAMAGES: Record<string, Change> = {
  'names a component twice': withComponents((components) => components.fill(7, 0, 2)),
  'names a component that is not there': withComponents((components) => components.fill(784, 0, 1)),
  'is too short': withComponents((components) => components.slice(1)),
  'has no start': (head) => {
    head['startBytes'] = undefined;
  },
  'starts after the row': (head) => {
    head['startBytes'] = 3_200;
  },
  'starts at no byte': (head) => {
    head['startBytes'] = 512.5;
  },
  'belongs to another metric': (head) => {
    head['metric'] = 'dot';
  },
  'is missing': (_, sections) => {
    const at = sections.findIndex(({ name }) => name === 'components');
    sections.splice(at, 1);
  },
};

for (const [damage, change] of Object.entries(DAMAGES)) {
  test(`a stored order that ${damage} is refused`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const { graph, index } = emptyIndex({ ...settingsOf('f32'), m: 3, efConstruction: 4 });
    index.insertBatch(ids.slice(0, 256), rows.subarray(0, 256 * DIMENSION));
    const [head, sections] = [encodeGraphHead(graph), encodeGraph(graph)];
    change(head, sections);
    await writeSectionFile(folder, head, sections);
    const error = await t.throwsAsync(openIndex(folder), { instanceOf: IndexError });
    t.is(error.code, 'corrupt-file');
    t.regex(error.message, /startBytes|components|order/);
  });
}
