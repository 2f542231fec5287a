// Every vector type through both indexes, by what float32 rows say.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { openIndex } from '../file/open-index.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { recallAtK } from '../recall.ts';
import { imageLikeRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { METRICS, type Metric, VECTOR_TYPES, type VectorType } from '../vector-index.ts';
import { checkCodecType } from './create-codec.ts';

const DIMENSION = 32;
const ROWS = 900;
const QUERIES = 25;
const K = 10;
const ids = numberedIds(ROWS);
const rows = imageLikeRows(2, ROWS, DIMENSION);
const queries = imageLikeRows(3, QUERIES, DIMENSION);

/** A little below what was measured; of 32 components a bit each is little. */
const RECALL: Readonly<Record<VectorType, number>> = {
  f32: 0.99,
  f16: 0.99,
  u8: 0.99,
  sq8: 0.99,
  pq8: 0.99,
  pq4: 0.99,
  binary: 0.78,
  rabitq: 0.98,
};

function isAllowed(vectorType: VectorType, metric: Metric): boolean {
  try {
    checkCodecType(vectorType, metric);
    return true;
  } catch {
    return false;
  }
}

type AnyIndex = HnswIndex | FlatIndex;
const makers: Record<string, (vectorType: VectorType, metric: Metric) => AnyIndex> = {
  hnsw: (vectorType, metric) => new HnswIndex({ ...settings, vectorType, metric, m: 8 }),
  flat: (vectorType, metric) => new FlatIndex({ ...settings, vectorType, metric }),
};
const settings = { dimension: DIMENSION, trainingRows: 400 } as const;

function oracleOf(metric: Metric): FlatIndex {
  const oracle = new FlatIndex({ dimension: DIMENSION, metric });
  oracle.insertBatch(ids, rows);
  return oracle;
}

function queryOf(row: number): Float32Array {
  return rowOf(queries, DIMENSION, row);
}

function answers(index: AnyIndex) {
  return Array.from({ length: QUERIES }, (_, row) => index.search(queryOf(row), { k: K }));
}

async function reopened(t: ExecutionContext, index: AnyIndex): Promise<AnyIndex> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await index.save(folder);
  return (await openIndex(folder)) as AnyIndex;
}

for (const vectorType of VECTOR_TYPES) {
  const metrics = METRICS.filter((metric) => isAllowed(vectorType, metric));
  for (const metric of metrics) {
    for (const [kind, make] of Object.entries(makers)) {
      test(`${kind}, ${vectorType}, ${metric}: finds the nearest rows at their distances`, (t) => {
        const [index, oracle] = [make(vectorType, metric), oracleOf(metric)];
        index.insertBatch(ids, rows);
        t.true(index.isTrained);
        let recall = 0;
        for (const [row, { hits }] of answers(index).entries()) {
          const exact = oracle.search(queryOf(row), { k: ROWS }).hits;
          t.is(new Set(hits.map(({ id }) => id)).size, K);
          t.true(hits.every(({ distance }, i) => distance >= (hits[i - 1]?.distance ?? -Infinity)));
          const distances = new Map(exact.map(({ id, distance }) => [id, distance]));
          const found = hits.map(({ id }) => ({ id, distance: distances.get(id) ?? Number.NaN }));
          recall += recallAtK(found, exact.slice(0, K)) / QUERIES;
          // Rows of half floats are what they are: it keeps no others.
          const tolerance = vectorType === 'f16' ? 2e-3 : 1e-6;
          for (const { id, distance } of hits) {
            const truth = distances.get(id) ?? Number.NaN;
            t.true(Math.abs(distance - truth) <= tolerance * Math.max(1, Math.abs(truth)));
          }
        }
        t.true(recall >= RECALL[vectorType], `${recall}`);
      });

      test(`${kind}, ${vectorType}, ${metric}: deletes, replacements and a file keep it whole`, async (t) => {
        const index = make(vectorType, metric);
        for (let at = 0; at < ROWS; at += 100) {
          index.insertBatch(
            ids.slice(at, at + 100),
            rows.subarray(at * DIMENSION, (at + 100) * DIMENSION),
          );
        }
        for (let row = 0; row < ROWS; row += 3) index.delete(`doc-${row}`);
        index.insertBatch(ids.slice(0, 200), imageLikeRows(4, 200, DIMENSION));
        const opened = await reopened(t, index);
        t.deepEqual(answers(opened), answers(index));
        for (const each of [index, opened]) {
          t.is(each.search(queryOf(0), { k: ROWS }).hits.length, each.size);
          if (each instanceof HnswIndex) t.deepEqual(each.verify().problems, []);
          for (let row = 1; row < ROWS; row += 3) each.delete(`doc-${row}`);
          each.insertBatch(ids.slice(300, 600), imageLikeRows(5, 300, DIMENSION));
          if (each instanceof HnswIndex) t.deepEqual(each.verify().problems, []);
        }
        t.deepEqual(answers(opened), answers(index));
      });
    }
  }

  test(`${vectorType}: a metric that it does not know is refused by both indexes`, (t) => {
    const refused = METRICS.filter((metric) => !metrics.includes(metric));
    for (const metric of refused) {
      for (const make of Object.values(makers)) {
        const error = t.throws(() => make(vectorType, metric), { instanceOf: IndexError });
        t.is(error.code, 'invalid-option');
      }
    }
    t.is(refused.length, { u8: 1, binary: 1, rabitq: 1 }[vectorType as string] ?? 0);
  });
}
