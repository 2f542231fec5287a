import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import { meansRow, type SampleRow } from '../filter/sample-columns.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { IndexError } from '../index-error.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { SeededRandom } from '../seeded-random.ts';
import { Collection } from './collection.ts';
import { INDEX_KINDS, type IndexKind } from './collection-options.ts';
import type { SegmentExplanation } from './explain-search.ts';
import type { RowFilter } from './row-filter.ts';
import type { Metadata } from './row-metadata.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const DIMENSION = 6;
const ROWS = 3_000;
const COLUMNS = { share: 'number', lang: 'keyword', tags: 'keywords', at: 'timestamp' } as const;
const SETTINGS = {
  dimension: DIMENSION,
  metric: 'euclidean',
  m: 8,
  efConstruction: 40,
  segmentRowsMax: 1_300,
  columns: COLUMNS,
} as const;

const ids = numberedIds(ROWS);
const vectors = gaussianRows(1, ROWS, DIMENSION);
const query = gaussianRows(2, 1, DIMENSION);
const random = new SeededRandom(3);
const metadata = ids.map((_, row) => ({
  share: random.nextOpenUnit(),
  lang: ['de', 'en', 'fr'][row % 3] ?? 'de',
  tags: row % 2 === 0 ? ['even', `t${row % 10}`] : ['odd'],
  at: new Date(row * 1_000),
  title: `Row ${row}`,
}));

const filled = async (t: ExecutionContext, kind: IndexKind) => {
  const disk = new SimulatedDisk();
  t.teardown(() => disk[Symbol.dispose]());
  const settings = { ...SETTINGS, kind };
  const collection = await Collection.open(FOLDER, settings, { storage: disk });
  await collection.upsert({ ids, vectors, metadata });
  return { disk, settings, collection };
};

/** The nearest rows that are meant, by comparing all. */
function exact(accepts: (row: number) => boolean, k: number) {
  const flat = new FlatIndex({ dimension: DIMENSION, metric: 'euclidean' });
  for (const [row, id] of ids.entries()) {
    if (accepts(row)) flat.insertBatch([id], rowOf(vectors, DIMENSION, row));
  }
  return flat.search(query, { k }).hits;
}

for (const kind of INDEX_KINDS) {
  test(`${kind}: a filter of any width returns the k nearest rows that match`, async (t) => {
    const { collection } = await filled(t, kind);
    for (const share of [1, 0.5, 0.1, 0.01, 0.001]) {
      const filter = { where: { share: { lt: share } } };
      const expected = exact((row) => (metadata[row]?.share ?? 1) < share, 5);
      const options = { k: 5, efSearch: 400, probes: 1_000, filter };
      const { hits } = await collection.search(query, options);
      t.deepEqual(hits, expected, `${share}`);
      const [many] = await collection.searchMany([query, [...query]], options);
      t.deepEqual(many?.hits, expected);
    }
    await collection.close();
  });
}

test('a range and a stream of results keep to the filter', async (t) => {
  const { collection } = await filled(t, 'hnsw');
  const filter = { where: { lang: 'fr', tags: { contains: 'even' } } };
  const expected = exact((row) => row % 6 === 2, ROWS);
  const radius = expected[40]?.distance ?? 0;
  const within = await collection.range(query, { radius, filter, efSearch: ROWS });
  t.deepEqual(within, expected.slice(0, 41));
  const streamed: string[] = [];
  for await (const hit of collection.results(query, { k: 20, filter, efSearch: ROWS })) {
    streamed.push(hit.id);
  }
  t.deepEqual(streamed.toSorted(), expected.map(({ id }) => id).toSorted());
  await collection.close();
});

test('filters by ids and by columns go together, and ids that are not there match nothing', async (t) => {
  const { collection } = await filled(t, 'hnsw');
  const found = async (filter: RowFilter<typeof COLUMNS>) => {
    const { hits } = await collection.search(query, { k: 10, filter });
    return hits.map(({ id }) => id).sort();
  };
  t.deepEqual(await found({ ids: ['doc-5', 'nobody', 'doc-4'] }), ['doc-4', 'doc-5']);
  const where = { tags: { contains: 'odd' } } as const;
  t.deepEqual(await found({ ids: ['doc-5', 'doc-4'], where }), ['doc-5']);
  t.deepEqual(await found({ ids: ['nobody'] }), []);
  t.deepEqual(await found({ where: { at: { gte: '1970-01-01T00:49:58Z' } } }), [
    'doc-2998',
    'doc-2999',
  ]);
  await collection.close();
});

test('filters hold after replaces, deletes, a compaction and opening again', async (t) => {
  const { collection, disk, settings } = await filled(t, 'hnsw');
  const gone = ids.filter((_, row) => row % 4 === 1);
  await collection.delete(gone);
  await collection.upsert([{ id: 'doc-0', vector: query, metadata: { lang: 'it' } }]);
  await collection.upsert([{ id: 'doc-3', vector: query }]);
  const check = async (opened: Collection<typeof COLUMNS>) => {
    const where = { lang: { in: ['de', 'it'] } } as const;
    const { hits } = await opened.search(query, { k: ROWS, filter: { where } });
    const meant = ids.filter((_, row) => row % 3 === 0 && row % 4 !== 1 && row !== 3);
    t.deepEqual(hits.map(({ id }) => id).sort(), meant.sort());
    const bare = await opened.search(query, {
      k: 9,
      filter: { where: { lang: { exists: false } } },
    });
    t.deepEqual(bare.hits, [{ id: 'doc-3', distance: 0 }]);
    t.deepEqual((await opened.get('doc-2'))?.metadata, {
      ...metadata[2],
      at: 2_000,
    });
  };
  await check(collection);
  await collection.checkpoint();
  await collection.compact();
  await check(collection);
  await collection.close();
  await using again = await Collection.open(FOLDER, settings, { storage: disk });
  await check(again);
});

test('an explained search finds the same and says by segment what it did', async (t) => {
  const { collection } = await filled(t, 'hnsw');
  const filter = { where: { share: { lt: 0.02 } } };
  const meant = metadata.filter(({ share }) => share < 0.02).length;
  for (const options of [{ k: 5 }, { k: 5, filter }, { k: 5, filter: { ids: ['doc-7'] } }]) {
    const explained = await collection.explain(query, options);
    const { distanceComputations, hits } = await collection.search(query, options);
    t.deepEqual(explained.hits, hits);
    t.is(explained.distanceComputations, distanceComputations);
    t.is(explained.segments.length, 3);
    const sum = (of: (each: SegmentExplanation) => number) =>
      explained.segments.reduce((total, each) => total + of(each), 0);
    t.is(
      sum((each) => each.rows),
      ROWS,
    );
    for (const name of ['matches', 'visitedNodes', 'bytesTouched'] as const) {
      t.is(
        sum((each) => each[name]),
        explained[name],
      );
    }
    t.true(explained.bytesTouched >= distanceComputations * 32);
    for (const { estimatedMatches, matches } of explained.segments) {
      t.true(estimatedMatches.min <= matches && matches <= estimatedMatches.max);
    }
  }
  const [plain, narrow] = await Promise.all([
    collection.explain(query, { k: 5 }),
    collection.explain(query, { k: 5, filter }),
  ]);
  t.is(plain.matches, ROWS);
  t.is(narrow.matches, meant);
  t.is(narrow.distanceComputations, meant);
  for (const each of plain.segments) {
    t.is(each.plan, 'unfiltered');
    t.is(each.path.length, each.visitedNodes);
    t.true(each.path.every((id) => ids.includes(id)));
  }
  t.true(narrow.segments.every(({ plan }) => plan === 'pre-filter'));
  await collection.close();
});

const badFilters: [string, unknown, RegExp][] = [
  ['an unknown column', { where: { city: 'Bern' } }, /filter\.where\.city/],
  ['a test of another type', { where: { lang: { gte: 3 } } }, /filter\.where\.lang\.gte/],
  ['columns outside where', { lang: 'de' }, /filter\.lang.*where/],
  ['nothing in it', {}, /empty/],
  ['no object', 'de', /give \{ ids/],
  ['an id that is no text', { ids: [7] }, /filter\.ids\[0\]/],
];

for (const [what, filter, message] of badFilters) {
  test(`a filter with ${what} is refused as invalid-filter, in an empty collection too`, async (t) => {
    using disk = new SimulatedDisk();
    await using collection = await Collection.open(FOLDER, SETTINGS, { storage: disk });
    const options = { k: 1, filter: filter as RowFilter<typeof COLUMNS> };
    for (const search of [
      () => collection.search(query, options),
      () => collection.searchMany([query], options),
      () => collection.range(query, { ...options, radius: 1 }),
      () => collection.results(query, options).next(),
    ]) {
      const error = await t.throwsAsync(search, { instanceOf: IndexError, message });
      t.is(error?.code, 'invalid-filter');
    }
  });
}

test('the compiler knows the columns of a collection by its settings', async (t) => {
  using disk = new SimulatedDisk();
  const columns = { year: 'integer', lang: 'keyword' } as const;
  const settings = { dimension: 2, columns };
  await using collection = await Collection.open(FOLDER, settings, { storage: disk });
  type Opened = typeof collection extends Collection<infer S> ? S : never;
  type Accepts<Value, Target> = Value extends Target ? true : false;
  const accepts: readonly [
    Accepts<{ year: number; note: string }, Metadata<Opened>>,
    Accepts<{ year: string }, Metadata<Opened>>,
    Accepts<{ where: { year: { gte: number } } }, RowFilter<Opened>>,
    Accepts<{ where: { year: { gte: string } } }, RowFilter<Opened>>,
  ] = [true, false, true, false];
  t.is(accepts.length, 4);
  await collection.upsert([{ id: 'a', vector: [1, 0], metadata: { year: 2024, note: 'any' } }]);
  const { hits } = await collection.search([1, 0], { k: 1, filter: { where: { year: 2024 } } });
  t.is(hits.length, 1);
});

const values = fc.record(
  {
    year: fc.integer({ min: 2020, max: 2023 }),
    lang: fc.constantFrom('de', 'en'),
    tags: fc.subarray(['x', 'y', 'z']),
  },
  { requiredKeys: [] },
);
const wheres = fc.oneof(
  fc.record({ year: fc.record({ gte: fc.integer({ min: 2020, max: 2023 }) }) }),
  fc.record({ not: fc.record({ lang: fc.constantFrom('de', 'en') }) }),
  fc.record({ tags: fc.record({ contains: fc.constantFrom('x', 'y') }), lang: fc.constant('de') }),
  fc.record({
    or: fc.tuple(
      fc.record({ year: fc.constant(2021) }),
      fc.record({ tags: fc.record({ exists: fc.boolean() }) }),
    ),
  }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ id: fc.nat({ max: 11 }), metadata: values }) },
  { weight: 2, arbitrary: fc.record({ gone: fc.nat({ max: 11 }) }) },
  { weight: 1, arbitrary: fc.constantFrom('checkpoint' as const, 'compact' as const) },
  { weight: 1, arbitrary: fc.constant('reopen' as const) },
);

testProp(
  'after any mix of operations every filter finds what a scan of a Map does',
  [
    fc.constantFrom(...INDEX_KINDS),
    fc.integer({ min: 1, max: 7 }),
    fc.array(step, { maxLength: 20 }),
    fc.array(wheres, { minLength: 1, maxLength: 3 }),
  ],
  async (t, kind, segmentRowsMax, steps, filters) => {
    using disk = new SimulatedDisk();
    const columns = { year: 'integer', lang: 'keyword', tags: 'keywords' } as const;
    const settings = { kind, dimension: 2, m: 2, efConstruction: 8, segmentRowsMax, columns };
    const open = () => Collection.open(FOLDER, settings, { storage: disk });
    const model = new Map<string, SampleRow>();
    let collection: Collection = await open();
    for (const [at, each] of steps.entries()) {
      if (each === 'checkpoint') await collection.checkpoint();
      else if (each === 'compact') await collection.compact();
      else if (each === 'reopen') {
        await collection.close();
        collection = await open();
      } else if ('gone' in each) {
        model.delete(`row-${each.gone}`);
        await collection.delete([`row-${each.gone}`]);
      } else {
        model.set(`row-${each.id}`, each.metadata as SampleRow);
        const row = { id: `row-${each.id}`, vector: [at + 1, each.id], metadata: each.metadata };
        await collection.upsert([row]);
      }
    }
    for (const where of filters) {
      const { hits } = await collection.search([1, 1], { k: 20, filter: { where } });
      const meant = [...model].filter(([, row]) => meansRow(where, row)).map(([id]) => id);
      t.deepEqual(hits.map(({ id }) => id).sort(), meant.sort());
      const [id = 'nobody'] = meant;
      const one = await collection.search([1, 1], { k: 3, filter: { ids: [id], where } });
      t.is(one.hits.length, Math.min(1, meant.length));
    }
    await collection.close();
  },
  { seed: 37, numRuns: 60 },
);
