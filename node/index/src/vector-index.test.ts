// What all indexes promise, for every metric.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { FlatIndex } from './flat/flat-index.ts';
import { HnswIndex } from './hnsw/hnsw-index.ts';
import { IvfIndex } from './ivf/ivf-index.ts';
import { gaussianRows, numberedIds } from './sample-vectors.ts';
import { METRICS, type Metric, type VectorIndex } from './vector-index.ts';

const makers = {
  flat: (dimension: number, metric: Metric): VectorIndex => new FlatIndex({ dimension, metric }),
  hnsw: (dimension: number, metric: Metric): VectorIndex =>
    new HnswIndex({ dimension, metric, m: 4, efConstruction: 16 }),
  ivf: (dimension: number, metric: Metric): VectorIndex =>
    new IvfIndex({ dimension, metric, lists: 3 }),
};

const kinds = Object.entries(makers);

const collections = fc
  .record({
    metric: fc.constantFrom(...METRICS),
    dimension: fc.integer({ min: 1, max: 130 }),
    rows: fc.integer({ min: 0, max: 40 }),
    k: fc.integer({ min: 1, max: 50 }),
    seed: fc.nat(),
    shape: fc.constantFrom('distinct', 'duplicates', 'zeros', 'integers'),
  })
  .map((sample) => ({ ...sample, vectors: shaped(sample) }));

function shaped(sample: { shape: string; seed: number; rows: number; dimension: number }) {
  const { dimension, rows, seed, shape } = sample;
  const vectors = gaussianRows(seed, rows, dimension);
  if (shape === 'zeros') return vectors.map((v, i) => (Math.floor(i / dimension) % 2 ? v : 0));
  if (shape === 'duplicates') return vectors.map((_, i) => vectors[i % (dimension * 3)] ?? 0);
  return shape === 'integers' ? vectors.map(Math.round) : vectors;
}

for (const [kind, make] of kinds) {
  testProp(
    `${kind}: hits are sorted, unique, finite, and k in number or all there are`,
    [collections],
    (t, { metric, dimension, rows, k, seed, vectors }) => {
      const index = make(dimension, metric);
      index.insertBatch(numberedIds(rows), vectors);
      const { hits } = index.search(gaussianRows(seed + 1, 1, dimension), { k });
      t.is(hits.length, Math.min(k, rows));
      t.is(new Set(hits.map((hit) => hit.id)).size, hits.length);
      t.true(hits.every((hit) => Number.isFinite(hit.distance) && index.has(hit.id)));
      t.true(hits.every((hit, i) => i === 0 || (hits[i - 1]?.distance ?? 0) <= hit.distance));
    },
    { seed: 11, numRuns: 60 },
  );

  testProp(
    `${kind}: after any mix of inserts, replacements and deletes exactly the live rows are found`,
    [
      fc.constantFrom(...METRICS),
      fc.array(fc.record({ id: fc.nat({ max: 12 }), keep: fc.boolean() }), { maxLength: 60 }),
    ],
    (t, metric, steps) => {
      const dimension = 5;
      const index = make(dimension, metric);
      const live = new Set<string>();
      for (const [step, { id, keep }] of steps.entries()) {
        const name = `row-${id}`;
        if (keep) index.insertBatch([name], gaussianRows(step, 1, dimension));
        else t.is(index.delete(name), live.has(name));
        if (keep) live.add(name);
        else live.delete(name);
      }
      t.is(index.size, live.size);
      t.deepEqual([...index.ids()].sort(), [...live].sort());
      const { hits } = index.search(gaussianRows(99, 1, dimension), { k: 20 });
      t.deepEqual(hits.map((hit) => hit.id).sort(), [...live].sort());
      if (index instanceof HnswIndex) t.deepEqual(index.verify().problems, []);
    },
    { seed: 12, numRuns: 80 },
  );

  test(`${kind}: a zero vector has cosine distance 1 to everything, itself included`, (t) => {
    const index = make(3, 'cosine');
    index.insertBatch(['zero', 'x'], Float32Array.of(0, 0, 0, 2, 0, 0));
    t.deepEqual(
      index.search(new Float32Array(3), { k: 2 }).hits.map((hit) => hit.distance),
      [1, 1],
    );
    const { hits } = index.search(Float32Array.of(5, 0, 0), { k: 2 });
    t.deepEqual(hits, [
      { id: 'x', distance: 0 },
      { id: 'zero', distance: 1 },
    ]);
  });

  test(`${kind}: distances mean what their metric says`, (t) => {
    const expected: Record<Metric, number> = { cosine: 0.04, euclidean: 2, dot: -24, manhattan: 2 };
    for (const metric of METRICS) {
      const index = make(2, metric);
      index.insertBatch(
        ['a'],
        metric === 'euclidean' ? Float32Array.of(3, 2) : Float32Array.of(4, 3),
      );
      const query = metric === 'euclidean' ? Float32Array.of(3, 4) : Float32Array.of(3, 4);
      const distance = index.search(query, { k: 1 }).hits[0]?.distance ?? Number.NaN;
      t.true(Math.abs(distance - expected[metric]) < 1e-6, `${metric}: ${distance}`);
    }
  });

  test(`${kind}: a replaced row is found where it is now, not where it was`, (t) => {
    const index = make(2, 'euclidean');
    index.insertBatch(['a', 'b'], Float32Array.of(0, 0, 5, 5));
    index.insertBatch(['a'], Float32Array.of(9, 9));
    t.is(index.size, 2);
    const { hits } = index.search(Float32Array.of(0, 0), { k: 2 });
    t.deepEqual(
      hits.map((hit) => hit.id),
      ['b', 'a'],
    );
  });

  test(`${kind}: the caller's arrays are copied and never changed`, (t) => {
    const index = make(2, 'cosine');
    const rows = Float32Array.of(3, 4);
    index.insertBatch(['a'], rows);
    const query = Float32Array.of(0, 9);
    index.search(query, { k: 1 });
    t.deepEqual([...rows, ...query], [3, 4, 0, 9]);
    rows.fill(0);
    t.true((index.search(query, { k: 1 }).hits[0]?.distance ?? 1) < 0.21);
  });

  test(`${kind}: an aborted signal stops a search before it starts`, (t) => {
    const index = make(2, 'cosine');
    const signal = AbortSignal.abort();
    t.throws(() => index.search(Float32Array.of(1, 1), { k: 1, signal }), { name: 'AbortError' });
  });
}
