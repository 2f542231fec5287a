import test from 'ava';
import type { ColumnType } from '../filter/column-types.ts';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import type { Metric, SearchOptions } from '../vector-index.ts';
import type { Rows } from './check-rows.ts';
import { Collection } from './collection.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import type { CollectionSettings, Durability, IndexKind } from './collection-options.ts';
import type { Metadata } from './row-metadata.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const SETTINGS: CollectionSettings = {
  dimension: 2,
  metric: 'euclidean',
  columns: { year: 'integer', tags: 'keywords', at: 'timestamp' },
};

const row = (metadata: unknown) => [{ id: 'c', vector: [1, 2], metadata: metadata as Metadata }];

const badRows: [string, IndexErrorCode, Rows][] = [
  ['a short vector', 'dimension-mismatch', [{ id: 'c', vector: [1] }]],
  ['a long vector', 'dimension-mismatch', [{ id: 'c', vector: Float32Array.of(1, 2, 3) }]],
  ['columns of unequal length', 'dimension-mismatch', { ids: ['c'], vectors: new Float32Array(3) }],
  ['a NaN', 'non-finite', [{ id: 'c', vector: [1, Number.NaN] }]],
  ['an infinity', 'non-finite', [{ id: 'c', vector: [Number.POSITIVE_INFINITY, 1] }]],
  ['a huge component', 'limit-exceeded', [{ id: 'c', vector: [1e17, 1] }]],
  ['the same id twice', 'duplicate-id', { ids: ['c', 'c'], vectors: new Float32Array(4) }],
  ['an empty id', 'invalid-id', [{ id: '', vector: [1, 2] }]],
  ['a list as metadata', 'invalid-metadata', row([1])],
  ['nested metadata', 'invalid-metadata', row({ where: { city: 'Bern' } })],
  ['NaN in metadata', 'invalid-metadata', row({ size: Number.NaN })],
  ['a Date that is no column', 'invalid-metadata', row({ born: new Date(0) })],
  ['a column of another type', 'invalid-value', row({ year: '2024' })],
  ['a column that is no integer', 'invalid-value', row({ year: 2024.5 })],
  ['one keyword in place of many', 'invalid-value', row({ tags: 'red' })],
  ['a time without its zone', 'invalid-value', row({ at: '2024-01-01T10:00' })],
  ['endless metadata', 'limit-exceeded', row({ text: 'x'.repeat(70_000) })],
];

for (const [what, code, rows] of badRows) {
  test(`rows with ${what} are refused as ${code} and nothing is lost`, async (t) => {
    using disk = new SimulatedDisk();
    {
      await using collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
      await collection.upsert([{ id: 'a', vector: [1, 1], metadata: { year: null } }]);
      for (const write of [() => collection.upsert(rows), () => collection.insert(rows)]) {
        const error = await t.throwsAsync(write, { instanceOf: IndexError });
        t.is(error?.code, code);
      }
      t.is(collection.size, 1);
    }
    await using again = await Collection.open(FOLDER, {}, { storage: disk });
    t.deepEqual((await again.get('a'))?.metadata, { year: null });
    t.is(again.size, 1);
  });
}

const badSearches: [string, IndexErrorCode, number[], SearchOptions][] = [
  ['k = 0', 'invalid-option', [1, 1], { k: 0 }],
  ['a negative ef', 'invalid-option', [1, 1], { k: 1, efSearch: -1 }],
  ['a short query', 'dimension-mismatch', [1], { k: 1 }],
  ['a NaN', 'non-finite', [1, Number.NaN], { k: 1 }],
];

for (const [what, code, query, options] of badSearches) {
  test(`a search with ${what} is refused as ${code}, in an empty collection too`, async (t) => {
    using disk = new SimulatedDisk();
    await using collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
    for (let round = 0; round < 2; round++) {
      const searches = [
        () => collection.search(query, options),
        () => collection.searchMany([query], options),
      ];
      for (const search of searches) {
        const error = await t.throwsAsync(search, { instanceOf: IndexError });
        t.is(error?.code, code);
      }
      await collection.upsert([{ id: 'a', vector: [1, 1] }]);
    }
  });
}

const badSettings: [string, IndexErrorCode, CollectionSettings][] = [
  ['no dimension', 'missing-file', {}],
  ['an unknown metric', 'unknown-metric', { dimension: 2, metric: 'hamming' as Metric }],
  ['an unknown kind', 'invalid-option', { dimension: 2, kind: 'tree' as IndexKind }],
  ['an unknown durability', 'invalid-option', { dimension: 2, durability: 'no' as Durability }],
  ['no rows per segment', 'invalid-option', { dimension: 2, segmentRowsMax: 0 }],
  ['a column of dates', 'invalid-option', { dimension: 2, columns: { at: 'date' as ColumnType } }],
  ['a column named as a word', 'invalid-option', { dimension: 2, columns: { or: 'integer' } }],
  [
    'nothing to learn from',
    'invalid-option',
    { dimension: 2, vectorType: 'sq8', keepsExactRows: false },
  ],
  ['lists of codes', 'invalid-option', { dimension: 2, kind: 'ivf', vectorType: 'pq8' }],
  ['no thread', 'invalid-option', { dimension: 2, threads: 0 }],
];

for (const [what, code, settings] of badSettings) {
  test(`a new collection with ${what} is refused as ${code}`, async (t) => {
    using disk = new SimulatedDisk();
    const open = () => Collection.open(FOLDER, settings, { storage: disk });
    t.is((await t.throwsAsync(open, { instanceOf: IndexError }))?.code, code);
  });
}

test('settings other than the stored ones are refused by name, equal and free ones are not', async (t) => {
  using disk = new SimulatedDisk();
  const open = (settings: CollectionSettings) => {
    return Collection.open(FOLDER, settings, { storage: disk });
  };
  await (await open(SETTINGS)).close();
  const others: CollectionSettings[] = [
    { dimension: 3 },
    { metric: 'cosine' },
    { m: 8 },
    { kind: 'flat' },
    { columns: {} },
    { trainingRows: 7 },
  ];
  for (const settings of others) {
    const error = await t.throwsAsync(() => open(settings), { instanceOf: IndexError });
    t.is(error?.code, 'settings-mismatch');
    t.true(error?.message.includes(Object.keys(settings)[0] ?? '-'));
  }
  await (await open({ ...SETTINGS, efSearch: 200, segmentRowsMax: 5 })).close();
});

test('a closed collection refuses work and can be closed again', async (t) => {
  using disk = new SimulatedDisk();
  const collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
  await collection.close();
  await collection.close();
  const error = await t.throwsAsync(collection.get('a'), { instanceOf: IndexError });
  t.is(error?.code, 'collection-closed');
});

test('writes that would fill the memory while they wait are refused', async (t) => {
  using disk = new SimulatedDisk();
  const dimension = 60_000;
  await using collection = await Collection.open('/wide', { dimension }, { storage: disk });
  const rows = Math.ceil(COLLECTION_LIMITS.recordBytesMax / (4 * dimension));
  const ids = Array.from({ length: rows }, (_, i) => String(i));
  const vectors = new Float32Array(rows * dimension);
  const error = await t.throwsAsync(collection.upsert({ ids, vectors }), {
    instanceOf: IndexError,
  });
  t.is(error?.code, 'limit-exceeded');
  t.is(collection.size, 0);
});
