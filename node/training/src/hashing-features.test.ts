import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { FEATURES_PER_TEXT_MAX, hashTexts, TEXT_LENGTH_MAX, words } from './hashing-features.ts';
import { assertSparseRows } from './sparse-rows.ts';

test('identifiers are split at case changes and underscores, and lower-cased', (t) => {
  t.deepEqual(words('readHTMLFile_asUtf8(path: String)'), [
    ...['read', 'html', 'file', 'as', 'utf8', 'path', 'string'],
  ]);
});

test('camelCase, snake_case and prose of the same words hash alike', (t) => {
  const { offsets, indices } = hashTexts(['readFile', 'read_file', 'Read file!'], 8192);
  const row = (r: number) => [...indices.subarray(offsets[r], offsets[r + 1])];
  t.deepEqual(row(0), row(1));
  t.deepEqual(row(0), row(2));
});

test('these features have these bits on every platform', (t) => {
  const { indices, weights } = hashTexts(['get the size of the map'], 8192);
  t.is(indices.length, 15);
  const sum = indices.reduce((hash, bucket) => Math.imul(hash, 31) + bucket, 0);
  const bits = new Int32Array(weights.buffer).reduce((hash, w) => Math.imul(hash ^ w, 31), 0);
  t.deepEqual([sum, bits], [-160_474_162, -862_240_236]);
});

test('a text without words has no features', (t) => {
  t.is(hashTexts(['', ' -- ', '\0'], 8192).indices.length, 0);
});

test('only the first characters and features of a text are read', (t) => {
  const long = Array.from({ length: 5000 }, (_, i) => `word${i}`).join(' ');
  const { offsets } = hashTexts([long, long.slice(0, TEXT_LENGTH_MAX)], 8192);
  t.is(offsets[1], FEATURES_PER_TEXT_MAX);
  t.is(offsets[2], 2 * FEATURES_PER_TEXT_MAX);
  t.is(hashTexts(['a'.repeat(1_000_000)], 8192).rows, 1);
});

test('a bucket count that is no power of two is refused', (t) => {
  t.throws(() => hashTexts(['a'], 1000), { instanceOf: RangeError });
});

testProp(
  'rows are valid, of unit norm, and do not depend on their neighbours',
  [fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 })],
  (t, texts) => {
    const rows = hashTexts(texts, 1024);
    assertSparseRows(rows, 'rows');
    for (const [r, text] of texts.entries()) {
      const slice = rows.weights.slice(rows.offsets[r], rows.offsets[r + 1]);
      t.deepEqual(slice, hashTexts([text], 1024).weights);
      const squares = slice.reduce((sum, w) => sum + w * w, 0);
      if (slice.length > 0) t.true(Math.abs(squares - 1) < 1e-5);
    }
    t.pass();
  },
);
