// Random sequences of inserts, replacements and deletes against a map and an exact index.

import { fc, testProp } from '@fast-check/ava';
import type { ExecutionContext } from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { gaussianRows, rowOf } from '../sample-vectors.ts';
import { METRICS, type Metric, type VectorType } from '../vector-index.ts';
import { HnswIndex } from './hnsw-index.ts';

const IDS = 60;
type Shape = 'distinct' | 'duplicates' | 'zeros';

const kinds: readonly (readonly [Metric, VectorType])[] = [
  ...METRICS.map((metric) => [metric, 'f32'] as const),
  ['euclidean', 'u8'],
  ['dot', 'u8'],
];

const worlds = fc.record({
  kind: fc.constantFrom(...kinds),
  dimension: fc.integer({ min: 1, max: 300 }),
  m: fc.constantFrom(2, 3, 8, 16),
  shape: fc.constantFrom<Shape>('distinct', 'duplicates', 'zeros'),
  seed: fc.nat(),
  steps: fc.array(
    fc.record({
      ids: fc.uniqueArray(fc.nat({ max: IDS - 1 }), { minLength: 1, maxLength: 25 }),
      deletes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

function rowsOf(seed: number, count: number, dimension: number, shape: Shape, type: VectorType) {
  const gaussian = gaussianRows(seed, count, dimension);
  const rows = type === 'u8' ? gaussian.map((x) => Math.trunc(Math.abs(x) * 85) & 255) : gaussian;
  if (shape === 'duplicates') return rows.map((_, at) => rows[at % (2 * dimension)] ?? 0);
  if (shape === 'zeros') return rows.map((x, at) => (Math.floor(at / dimension) % 3 ? x : 0));
  return rows;
}

testProp(
  'after any sequence the graph is sound, holds what a map holds, and finds it',
  [worlds],
  (t, { dimension, kind, m, seed, shape, steps }) => {
    const [metric, vectorType] = kind;
    const hnsw = new HnswIndex({ dimension, metric, vectorType, m, efConstruction: 64 });
    const flat = new FlatIndex({ dimension, metric, vectorType });
    const model = new Map<string, Float32Array>();
    for (const [step, { deletes, ids }] of steps.entries()) {
      const names = ids.map((id) => `row-${id}`);
      if (deletes) {
        for (const name of names) {
          t.is(hnsw.delete(name), model.delete(name));
          flat.delete(name);
        }
      } else {
        const rows = rowsOf(seed + step, names.length, dimension, shape, vectorType);
        hnsw.insertBatch(names, rows);
        flat.insertBatch(names, rows);
        for (const [row, name] of names.entries()) model.set(name, rowOf(rows, dimension, row));
      }
      t.deepEqual(hnsw.verify().problems, []);
    }
    t.deepEqual([...hnsw.ids()].sort(), [...model.keys()].sort());
    checkAnswers(t, hnsw, flat, rowsOf(seed + 99, 3, dimension, 'distinct', vectorType));
    const findsItself = shape === 'distinct' && (metric === 'euclidean' || metric === 'cosine');
    if (findsItself && dimension > 8) checkSelves(t, hnsw, model);
  },
  { seed: 108, numRuns: 120 },
);

function checkAnswers(
  t: ExecutionContext,
  hnsw: HnswIndex,
  flat: FlatIndex,
  queries: Float32Array,
): void {
  const { dimension } = hnsw;
  for (let row = 0; row < queries.length / dimension; row++) {
    const query = rowOf(queries, dimension, row);
    for (const k of [1, 7, IDS]) {
      const { hits } = hnsw.search(query, { k, efSearch: 64 });
      t.is(hits.length, Math.min(k, hnsw.size));
      t.is(new Set(hits.map(({ id }) => id)).size, hits.length);
      t.true(hits.every(({ distance }, i) => i === 0 || (hits[i - 1]?.distance ?? 0) <= distance));
      const exact = flat.search(query, { k }).hits.map(({ distance }) => distance);
      // With so few rows the beam holds them all.
      t.deepEqual(
        hits.map(({ distance }) => distance),
        exact,
      );
      t.deepEqual(
        hnsw.scan(query, { k }).hits.map(({ distance }) => distance),
        exact,
      );
    }
  }
}

function checkSelves(t: ExecutionContext, hnsw: HnswIndex, model: Map<string, Float32Array>): void {
  for (const [name, row] of model) {
    t.is(hnsw.search(row, { k: 1, efSearch: 64 }).hits[0]?.id, name);
  }
}
