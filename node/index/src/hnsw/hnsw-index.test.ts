import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { recallAtK } from '../recall.ts';
import { clusteredRows, gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { METRICS, type Metric } from '../vector-index.ts';
import { HnswIndex } from './hnsw-index.ts';

interface Measured {
  readonly recall: number;
  readonly distanceComputations: number;
}

function build(metric: Metric, dimension: number, vectors: Float32Array) {
  const ids = numberedIds(vectors.length / dimension);
  const hnsw = new HnswIndex({ dimension, metric });
  const flat = new FlatIndex({ dimension, metric });
  hnsw.insertBatch(ids, vectors);
  flat.insertBatch(ids, vectors);
  return { hnsw, flat };
}

function measure(
  pair: { hnsw: HnswIndex; flat: FlatIndex },
  queries: Float32Array,
  efSearch: number,
): Measured {
  const { dimension } = pair.hnsw;
  const count = queries.length / dimension;
  let recall = 0;
  let distanceComputations = 0;
  for (let row = 0; row < count; row++) {
    const query = rowOf(queries, dimension, row);
    const found = pair.hnsw.search(query, { k: 10, efSearch });
    recall += recallAtK(found.hits, pair.flat.search(query, { k: 10 }).hits) / count;
    distanceComputations += found.distanceComputations / count;
  }
  return { recall, distanceComputations };
}

for (const metric of METRICS) {
  testProp(
    `${metric}: recall@10 at ef 64 is 0.95 or more on random rows of any dimension`,
    [fc.integer({ min: 1, max: 130 }), fc.integer({ min: 1, max: 600 }), fc.nat()],
    (t, dimension, rows, seed) => {
      const pair = build(metric, dimension, gaussianRows(seed, rows, dimension));
      const { recall } = measure(pair, gaussianRows(seed + 1, 20, dimension), 64);
      t.true(recall >= 0.95, `${recall} with ${rows} rows of ${dimension}`);
      t.deepEqual(pair.hnsw.verify().problems, []);
    },
    { seed: 21, numRuns: 8 },
  );
}

test('recall and distance computations rise with ef', (t) => {
  const pair = build('euclidean', 48, gaussianRows(31, 3_000, 48));
  const queries = gaussianRows(32, 100, 48);
  const ladder = [10, 20, 40, 80, 160].map((ef) => measure(pair, queries, ef));
  for (const [rung, { recall, distanceComputations }] of ladder.entries()) {
    const below = ladder[rung - 1];
    t.true(below === undefined || recall >= below.recall);
    t.true(below === undefined || distanceComputations > below.distanceComputations);
  }
  t.true((ladder.at(-1)?.recall ?? 0) >= 0.99);
  t.true((ladder[2]?.distanceComputations ?? 3_000) < 1_500, 'a search is not a scan');
});

test('rows in tight clusters stay reachable and are found', (t) => {
  const pair = build('cosine', 32, clusteredRows(41, 2_000, 32, 40));
  t.is(pair.hnsw.verify().reachable, 2_000);
  t.true(measure(pair, clusteredRows(41, 80, 32, 40), 64).recall >= 0.95);
});

test('rows in sorted order on a line stay reachable and are found', (t) => {
  const line = Float32Array.from({ length: 1_000 }, (_, i) => i);
  const pair = build('euclidean', 1, line);
  t.deepEqual(pair.hnsw.verify().problems, []);
  const queries = Float32Array.from({ length: 50 }, (_, i) => i * 20 + 0.25);
  t.true(measure(pair, queries, 64).recall > 0.9999);
});

test('a thousand equal rows are all reachable, and so is what lies beside them', (t) => {
  const vectors = new Float32Array(1_001 * 4).fill(1);
  vectors.fill(7, 1_000 * 4);
  const { hnsw } = build('euclidean', 4, vectors);
  t.deepEqual(hnsw.verify().problems, []);
  t.is(hnsw.search(Float32Array.of(7, 7, 7, 7), { k: 1 }).hits[0]?.id, 'doc-1000');
  t.is(hnsw.search(Float32Array.of(1, 1, 1, 1), { k: 1_001 }).hits.length, 1_001);
});

test('equal seeds and equal calls give equal answers at equal cost', (t) => {
  const vectors = gaussianRows(51, 500, 16);
  const queries = gaussianRows(52, 20, 16);
  const [one, other] = [build('dot', 16, vectors), build('dot', 16, vectors)];
  for (let row = 0; row < 20; row++) {
    const query = rowOf(queries, 16, row);
    t.deepEqual(one.hnsw.search(query, { k: 5 }), other.hnsw.search(query, { k: 5 }));
  }
});

test('batches and single rows build the same graph', (t) => {
  const vectors = gaussianRows(61, 200, 8);
  const { hnsw } = build('cosine', 8, vectors);
  const single = new HnswIndex({ dimension: 8, metric: 'cosine' });
  for (const [row, id] of numberedIds(200).entries())
    single.insertBatch([id], rowOf(vectors, 8, row));
  const query = gaussianRows(62, 1, 8);
  t.deepEqual(single.search(query, { k: 9 }), hnsw.search(query, { k: 9 }));
  t.deepEqual(single.verify(), hnsw.verify());
});
