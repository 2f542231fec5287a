import test from 'ava';
import { FlatIndex } from './flat/flat-index.ts';
import { HnswIndex } from './hnsw/hnsw-index.ts';
import type { HnswSettings } from './hnsw/hnsw-options.ts';
import { INDEX_ERROR_CODES, IndexError, type IndexErrorCode } from './index-error.ts';
import { INDEX_LIMITS } from './index-limits.ts';
import type { Metric, SearchOptions, VectorIndex } from './vector-index.ts';

const makers = {
  flat: (): VectorIndex => new FlatIndex({ dimension: 2, metric: 'euclidean', maxElements: 3 }),
  hnsw: (): VectorIndex => new HnswIndex({ dimension: 2, metric: 'euclidean', maxElements: 3 }),
};

const badBatches: [string, IndexErrorCode, string[], number[]][] = [
  ['too few components', 'dimension-mismatch', ['c'], [1]],
  ['more rows than ids', 'dimension-mismatch', ['c'], [1, 2, 3, 4]],
  ['a NaN in its last row', 'non-finite', ['c', 'd'], [1, 2, 3, Number.NaN]],
  ['an infinite component', 'non-finite', ['c'], [Number.NEGATIVE_INFINITY, 0]],
  ['a component beyond float32', 'non-finite', ['c'], [1e39, 0]],
  ['a component whose square overflows', 'limit-exceeded', ['c'], [1e17, 0]],
  ['the same id twice', 'duplicate-id', ['c', 'c'], [1, 2, 3, 4]],
  ['an empty id', 'invalid-id', [''], [1, 2]],
  ['an endless id', 'invalid-id', ['x'.repeat(INDEX_LIMITS.idLengthMax + 1)], [1, 2]],
  ['more rows than maxElements', 'limit-exceeded', ['a', 'c', 'd'], [1, 2, 3, 4, 5, 6]],
];

const badSearches: [string, IndexErrorCode, number[], SearchOptions][] = [
  ['a short query', 'dimension-mismatch', [1], { k: 1 }],
  ['a NaN in the query', 'non-finite', [Number.NaN, 1], { k: 1 }],
  ['a component whose square overflows', 'limit-exceeded', [1, -1e17], { k: 1 }],
  ['k = 0', 'invalid-option', [1, 1], { k: 0 }],
  ['a negative k', 'invalid-option', [1, 1], { k: -3 }],
  ['k = 1.5', 'invalid-option', [1, 1], { k: 1.5 }],
  ['k = NaN', 'invalid-option', [1, 1], { k: Number.NaN }],
  ['an endless k', 'limit-exceeded', [1, 1], { k: INDEX_LIMITS.kMax + 1 }],
  ['a negative efSearch', 'invalid-option', [1, 1], { k: 1, efSearch: -1 }],
  ['an endless efSearch', 'limit-exceeded', [1, 1], { k: 1, efSearch: INDEX_LIMITS.efMax + 1 }],
];

for (const [kind, make] of Object.entries(makers)) {
  for (const [what, code, ids, components] of badBatches) {
    test(`${kind}: a batch with ${what} is refused as ${code} and changes nothing`, (t) => {
      const index = make();
      index.insertBatch(['a', 'b'], Float32Array.of(0, 0, 1, 1));
      const before = index.search(Float32Array.of(0, 0), { k: 3 });
      const vectors = Float32Array.from(components);
      const error = t.throws(() => index.insertBatch(ids, vectors), { instanceOf: IndexError });
      t.is(error.code, code);
      t.true(error.message.length > 20);
      t.deepEqual(index.search(Float32Array.of(0, 0), { k: 3 }), before);
      t.deepEqual([...index.ids()].sort(), ['a', 'b']);
    });
  }

  for (const [what, code, query, options] of badSearches) {
    test(`${kind}: a search with ${what} is refused as ${code}, even on an empty index`, (t) => {
      const search = () => make().search(Float32Array.from(query), options);
      t.is(t.throws(search, { instanceOf: IndexError }).code, code);
    });
  }

  test(`${kind}: replacing rows of a full index is no growth`, (t) => {
    const index = make();
    index.insertBatch(['a', 'b', 'c'], new Float32Array(6));
    t.notThrows(() => index.insertBatch(['a', 'c'], Float32Array.of(1, 1, 2, 2)));
    t.throws(() => index.insertBatch(['d'], new Float32Array(2)), { message: /maxElements = 3/ });
  });
}

const badSettings: [string, IndexErrorCode, Partial<HnswSettings>, RegExp][] = [
  ['an unknown metric', 'unknown-metric', { metric: 'hamming' as Metric }, /use one of cosine/],
  ['m = 1', 'invalid-option', { m: 1 }, /m = 1 violates m >= 2/],
  ['efConstruction below m', 'invalid-option', { efConstruction: 8 }, /efConstruction >= 16/],
  ['dimension 0', 'invalid-option', { dimension: 0 }, /dimension >= 1/],
  ['too large a dimension', 'limit-exceeded', { dimension: 1e6 }, /dimension <= 65536/],
  ['half a row', 'invalid-option', { maxElements: 0.5 }, /must be an integer/],
  ['a negative seed', 'invalid-option', { seed: -1 }, /seed >= 0/],
];

for (const [what, code, settings, message] of badSettings) {
  test(`an index with ${what} is refused with the violated inequality`, (t) => {
    const make = () => new HnswIndex({ dimension: 2, ...settings });
    t.is(t.throws(make, { instanceOf: IndexError, message }).code, code);
  });
}

test('an exact index refuses an unknown metric', (t) => {
  const make = () => new FlatIndex({ dimension: 2, metric: 'hamming' as Metric });
  t.is(t.throws(make, { instanceOf: IndexError }).code, 'unknown-metric');
});

test('every error code is listed once', (t) => {
  t.is(new Set(INDEX_ERROR_CODES).size, INDEX_ERROR_CODES.length);
});
