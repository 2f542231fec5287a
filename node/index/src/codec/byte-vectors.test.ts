// An index of bytes against one of float32 on the same integers.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openIndex } from '../file/open-index.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import type { VectorIndex, VectorType } from '../vector-index.ts';

const DIMENSION = 37;
const ROWS = 600;
const bytes = (seed: number, rows: number) =>
  gaussianRows(seed, rows, DIMENSION).map((value) => Math.abs(Math.trunc(value * 60)) & 0xff);

for (const metric of ['euclidean', 'dot', 'manhattan'] as const) {
  const makers: Record<string, (vectorType: VectorType) => VectorIndex> = {
    flat: (vectorType) => new FlatIndex({ dimension: DIMENSION, metric, vectorType }),
    hnsw: (vectorType) => new HnswIndex({ dimension: DIMENSION, metric, vectorType, m: 6 }),
  };
  for (const [kind, make] of Object.entries(makers)) {
    test(`${kind}, ${metric}: bytes answer as float32 does, after deletes and opening too`, async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
      t.teardown(() => rm(folder, { recursive: true }));
      const [small, large] = [make('u8'), make('f32')];
      for (const index of [small, large]) {
        index.insertBatch(numberedIds(ROWS), bytes(1, ROWS));
        for (let row = 0; row < ROWS; row += 3) index.delete(`doc-${row}`);
      }
      // A save sweeps, which changes what a search costs.
      for (const index of [large, small]) await index.save(folder);
      const opened = await openIndex(folder);
      const queries = bytes(2, 20);
      for (let row = 0; row < 20; row++) {
        const query = rowOf(queries, DIMENSION, row);
        const expected = large.search(query, { k: 9 });
        t.deepEqual(small.search(query, { k: 9 }), expected);
        t.deepEqual(opened.search(query, { k: 9 }), expected);
      }
    });

    for (const value of [-1, 256, 0.5]) {
      test(`${kind}, ${metric}: an index of bytes refuses a component of ${value}`, (t) => {
        const index = make('u8');
        const row = new Float32Array(DIMENSION).fill(value, 3, 4);
        const insert = () => index.insertBatch(['a'], row);
        t.is(
          t.throws(insert, { instanceOf: IndexError, message: /component 3 is/ }).code,
          'no-byte',
        );
        const search = () => index.search(row, { k: 1 });
        t.is(t.throws(search, { instanceOf: IndexError }).code, 'no-byte');
        t.is(index.size, 0);
      });
    }
  }
}

test('rows of bytes have no cosine', (t) => {
  for (const make of [HnswIndex, FlatIndex]) {
    const error = t.throws(() => new make({ dimension: 2, metric: 'cosine', vectorType: 'u8' }), {
      instanceOf: IndexError,
    });
    t.is(error.code, 'invalid-option');
    t.regex(error.message, /use euclidean, dot, manhattan/);
  }
});
