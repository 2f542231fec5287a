import test from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { recallAtK } from '../recall.ts';
import {
  clusteredRows,
  gaussianRows,
  numberedIds,
  rowOf,
  shuffledIntegers,
} from '../sample-vectors.ts';
import type { Metric } from '../vector-index.ts';
import { HnswIndex } from './hnsw-index.ts';

const DIMENSION = 24;
const ROWS = 2_000;
const ids = numberedIds(ROWS);

const data: [string, Metric, Float32Array][] = [
  ['random rows', 'euclidean', gaussianRows(71, ROWS, DIMENSION)],
  ['clustered rows', 'cosine', clusteredRows(73, ROWS, DIMENSION, 25)],
];

function holding(metric: Metric, vectors: Float32Array, rows: readonly number[]): HnswIndex {
  const index = new HnswIndex({ dimension: DIMENSION, metric });
  for (const row of rows) {
    index.insertBatch([ids[row] ?? ''], rowOf(vectors, DIMENSION, row));
  }
  return index;
}

function meanRecall(index: HnswIndex, oracle: FlatIndex, queries: Float32Array): number {
  const count = queries.length / DIMENSION;
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const query = rowOf(queries, DIMENSION, row);
    const exact = oracle.search(query, { k: 10 }).hits;
    sum += recallAtK(index.search(query, { k: 10, efSearch: 64 }).hits, exact);
  }
  return sum / count;
}

for (const [what, metric, vectors] of data) {
  test(`${what}: after 50 % and 90 % random deletes every live row finds itself`, (t) => {
    const order = shuffledIntegers(81, ROWS);
    const index = holding(metric, vectors, [...ids.keys()]);
    const oracle = new FlatIndex({ dimension: DIMENSION, metric });
    oracle.insertBatch(ids, vectors);
    const queries =
      metric === 'cosine'
        ? clusteredRows(73, 100, DIMENSION, 25)
        : gaussianRows(72, 100, DIMENSION);
    let deleted = 0;
    for (const share of [0.5, 0.9]) {
      for (; deleted < ROWS * share; deleted++) {
        const id = ids[order[deleted] ?? 0] ?? '';
        t.true(index.delete(id) && oracle.delete(id));
        t.false(index.has(id) || index.delete(id));
      }
      const live = order.slice(deleted);
      t.deepEqual(index.verify().problems, []);
      t.is(index.verify().reachable, live.length);
      for (const row of live) {
        const own = rowOf(vectors, DIMENSION, row);
        t.is(index.search(own, { k: 1, efSearch: 64 }).hits[0]?.id, ids[row]);
      }
      const rebuilt = meanRecall(holding(metric, vectors, live), oracle, queries);
      const repaired = meanRecall(index, oracle, queries);
      t.true(repaired >= rebuilt - 0.01, `${repaired} after deletes, ${rebuilt} rebuilt`);
    }
  });
}

test('deleted slots are used again and the index stays sound through many generations', (t) => {
  const vectors = gaussianRows(91, ROWS, DIMENSION);
  const index = holding('manhattan', vectors, [...Array(200).keys()]);
  for (let row = 200; row < 1_200; row++) {
    index.delete(ids[row - 200] ?? '');
    index.insertBatch([ids[row] ?? ''], rowOf(vectors, DIMENSION, row));
  }
  t.is(index.size, 200);
  t.deepEqual(index.verify().problems, []);
  for (let row = 1_000; row < 1_200; row++) {
    const own = rowOf(vectors, DIMENSION, row);
    t.is(index.search(own, { k: 1 }).hits[0]?.id, ids[row]);
  }
});

test('emptying an index row by row, entry points included, leaves one that works', (t) => {
  const vectors = gaussianRows(95, 120, DIMENSION);
  const index = holding('euclidean', vectors, [...Array(120).keys()]);
  for (const row of shuffledIntegers(96, 120)) {
    t.true(index.delete(ids[row] ?? ''));
    t.deepEqual(index.verify().problems, []);
  }
  t.is(index.size, 0);
  t.deepEqual(index.search(rowOf(vectors, DIMENSION, 0), { k: 3 }).hits, []);
  index.insertBatch(['again'], rowOf(vectors, DIMENSION, 0));
  t.is(index.search(rowOf(vectors, DIMENSION, 0), { k: 3 }).hits[0]?.id, 'again');
});

test('subtrees that wait for a place keep an edge for it, delete after delete', (t) => {
  const vectors = gaussianRows(1, 600, 37).map((value) => Math.abs(Math.trunc(value * 60)));
  const index = new HnswIndex({ dimension: 37, metric: 'euclidean', m: 6 });
  index.insertBatch(numberedIds(600), vectors);
  for (let row = 0; row < 600; row += 3) {
    index.delete(`doc-${row}`);
    t.deepEqual(index.verify().problems, []);
  }
});

test('an unknown id is not deleted', (t) => {
  const index = holding('dot', gaussianRows(97, 3, DIMENSION), [0, 1]);
  t.false(index.delete('stranger'));
  t.is(index.size, 2);
});
