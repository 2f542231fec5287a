// Files that the first version wrote: 60 rows of five components, every fourth deleted.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { numberedIds, rowOf } from '../sample-vectors.ts';
import type { VectorIndex } from '../vector-index.ts';
import { openHnswIndex, openIndex } from './open-index.ts';
import { INDEX_FILE_NAME, sha256 } from './section-file.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const ROWS = Float32Array.from({ length: 60 * 5 }, (_, i) => ((i * i * 7) % 1009) / 8 + (i % 5));
const QUERY = Float32Array.of(10, 60, 20, 90, 40);
const kept = numberedIds(60).filter((_, row) => row % 4 !== 0);

/** What the first version answered with k = 3. */
function answers(index: VectorIndex) {
  return index.search(QUERY, { k: 3 }).hits.map(({ id, distance }) => [id, distance]);
}

test('the fixtures are what the first version wrote', async (t) => {
  const bytes = await readFile(join(FIXTURES, 'version-1-hnsw', INDEX_FILE_NAME));
  t.is(sha256(bytes), 'fc34a16584253c5d93317dc58b02173a74ea643e42df0d684ef36ce8016e3774');
});

test('a graph of version 1 opens, answers as before, and goes on', async (t) => {
  const index = await openHnswIndex(join(FIXTURES, 'version-1-hnsw'));
  t.deepEqual(index.verify().problems, []);
  t.deepEqual([...index.ids()].sort(), kept.toSorted());
  t.deepEqual(answers(index), [
    ['doc-51', 31.69828465390517],
    ['doc-6', 49.968427531792514],
    ['doc-1', 60.77250097700439],
  ]);
  t.is(index.search(QUERY, { k: 3 }).distanceComputations, 55);
  index.insertBatch(numberedIds(60), ROWS);
  for (let row = 0; row < 40; row++) index.delete(`doc-${row}`);
  t.deepEqual(index.verify().problems, []);
  for (let row = 40; row < 60; row++) {
    t.is(index.search(rowOf(ROWS, 5, row), { k: 1 }).hits[0]?.id, `doc-${row}`);
  }
});

test('a graph of bytes of version 1 opens with ids of any characters', async (t) => {
  const index = await openIndex(join(FIXTURES, 'version-1-hnsw-u8'));
  t.true(index instanceof HnswIndex && index.options.vectorType === 'u8');
  t.true(index.has('ünï—\u{1f426}') && index.has('\ud800'));
  t.deepEqual(answers(index), [
    ['doc-14', -27460],
    ['doc-28', -25090],
    ['doc-42', -22300],
  ]);
});

test('an exact index of version 1 opens and answers as before', async (t) => {
  const index = await openIndex(join(FIXTURES, 'version-1-flat'));
  t.deepEqual([...index.ids()].sort(), kept.toSorted());
  t.deepEqual(answers(index), [
    ['doc-51', 0.004801273345947266],
    ['doc-9', 0.015735268592834473],
    ['doc-21', 0.05157780647277832],
  ]);
});
