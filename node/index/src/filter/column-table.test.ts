import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError } from '../index-error.ts';
import { SeededRandom } from '../seeded-random.ts';
import { BoundFilter } from './bound-filter.ts';
import { ColumnTable } from './column-table.ts';
import type { ColumnSection } from './column-types.ts';
import { parseFilter } from './parse-filter.ts';
import { meansRow, SAMPLE_SCHEMA, type SampleRow } from './sample-columns.ts';

const term = fc.constantFrom('de', 'en', 'fr', 'den', '', 'x'.repeat(30));
const price = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ max: 9 }));
const year = fc.integer({ min: 2015, max: 2025 });
const at = fc.integer({ min: 0, max: 5 }).map((day) => day * 86_400_000);

const sampleRow = fc.record(
  {
    year,
    price: price.map((value) => value + 0),
    at,
    open: fc.boolean(),
    lang: term,
    tags: fc.uniqueArray(term, { maxLength: 4 }),
  },
  { requiredKeys: [] },
);

const numberTest = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof(
    value,
    fc
      .record(
        {
          eq: value,
          ne: value,
          in: fc.array(value, { minLength: 1, maxLength: 3 }),
          gt: value,
          gte: value,
          lt: value,
          lte: value,
          exists: fc.boolean(),
        },
        { requiredKeys: [] },
      )
      .filter((test) => Object.keys(test).length > 0),
  );
const terms = fc.array(term, { minLength: 1, maxLength: 3 });
const keywordTest = fc.oneof(
  term,
  fc.constantFrom('eq', 'ne', 'prefix').chain((word) => fc.record({ [word]: term })),
  fc.record({ in: terms, exists: fc.boolean() }),
);
const keywordsTest = fc.oneof(
  fc.record({ contains: term }),
  fc.record({ containsAny: terms }),
  fc.record({ containsAll: terms }),
  fc.record({ exists: fc.boolean() }),
);

const sampleFilter: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.letrec<{
  filter: Readonly<Record<string, unknown>>;
}>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'filter' },
    fc
      .record(
        {
          year: numberTest(year),
          price: numberTest(price),
          at: numberTest(at),
          open: fc.oneof(fc.boolean(), fc.record({ eq: fc.boolean() })),
          lang: keywordTest,
          tags: keywordsTest,
        },
        { requiredKeys: [] },
      )
      .filter((test) => Object.keys(test).length > 0),
    fc.record({ and: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ or: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter;

type Model = Map<number, SampleRow>;

const slot = fc.integer({ min: 0, max: 40 });
const changes = fc.array(fc.tuple(slot, fc.option(sampleRow, { nil: undefined, freq: 6 })), {
  maxLength: 60,
});

function tableOf(list: readonly (readonly [number, SampleRow | undefined])[]) {
  const table = new ColumnTable(SAMPLE_SCHEMA);
  const model: Model = new Map();
  for (const [at, row] of list) {
    if (row === undefined) {
      table.clear(at);
      model.delete(at);
    } else {
      table.set(at, row as never);
      model.set(at, row);
    }
  }
  return { table, model };
}

function rowsOf(table: Pick<ColumnTable, 'rows' | 'get'>): [number, unknown][] {
  return [...table.rows.slots()].map((at) => [at, table.get(at)]);
}

const sorted = (model: Model) => [...model].sort(([a], [b]) => a - b);

testProp(
  'a filter finds the rows that it means',
  [changes, fc.array(sampleFilter, { maxLength: 4 })],
  (t, list, filters) => {
    const { table, model } = tableOf(list);
    t.deepEqual(rowsOf(table), sorted(model));
    const newSlots = Int32Array.from({ length: 41 }, (_, at) => (at % 3 === 0 ? -1 : 40 - at));
    const moved = table.remap(newSlots);
    const copies = [table, ColumnTable.decode(table.encode())];
    for (const filter of filters) {
      const predicate = parseFilter(SAMPLE_SCHEMA, filter as never);
      const expected = sorted(model)
        .filter(([, row]) => meansRow(filter, row))
        .map(([at]) => at);
      for (const copy of copies) {
        const bound = new BoundFilter(copy, predicate);
        t.deepEqual([...bound.select().slots()], expected);
        const matching = Array.from({ length: 41 }, (_, at) => at).filter((at) =>
          bound.matches(at),
        );
        t.deepEqual(matching, expected);
        const { max, min, rows } = bound.estimate();
        t.true(
          min <= expected.length && expected.length <= max,
          `${min} ${expected.length} ${max}`,
        );
        t.true(min <= rows && rows <= max);
      }
      const left = expected.map((at) => newSlots[at] ?? -1).filter((at) => at >= 0);
      const bound = new BoundFilter(moved, predicate);
      t.deepEqual(
        [...bound.select().slots()],
        left.sort((a, b) => a - b),
      );
    }
  },
);

test('columns answer right while thousands of rows come, change and go', (t) => {
  const random = new SeededRandom(3);
  const below = (end: number) => random.nextUint32() % end;
  const table = new ColumnTable(SAMPLE_SCHEMA);
  const model: Model = new Map();
  const filters = [
    { year: { gte: 1990, lt: 1993 } },
    { year: { ne: 2000 }, price: { lte: 0.5 } },
    { or: [{ lang: { in: ['l1', 'l700'] } }, { tags: { containsAll: ['t1', 't2'] } }] },
    { not: { lang: { prefix: 'l1' } }, open: true },
    { price: { gt: 0.999 }, tags: { exists: true } },
  ];
  for (let step = 0; step < 30_000; step++) {
    const at = below(12_000);
    if (below(5) === 0) {
      table.clear(at);
      model.delete(at);
    } else {
      const tags = [`t${below(40)}`, `t${40 + below(4)}`, 't2'].slice(below(3));
      const row = {
        year: 1980 + below(40),
        price: random.nextOpenUnit(),
        open: below(2) === 0,
        lang: `l${below(3) === 0 ? below(1_000) : 1}`,
        tags: [...new Set(tags)],
      };
      table.set(at, row);
      model.set(at, row);
    }
    if (step % 10_000 !== 9_999) continue;
    for (const filter of filters) {
      const bound = new BoundFilter(table, parseFilter(SAMPLE_SCHEMA, filter as never));
      const expected = sorted(model)
        .filter(([, row]) => meansRow(filter, row))
        .map(([row]) => row);
      const { max, min } = bound.estimate();
      t.deepEqual([...bound.select().slots()], expected);
      t.true(min <= expected.length && expected.length <= max);
    }
  }
  t.deepEqual(rowsOf(table).slice(0, 500), sorted(model).slice(0, 500));
  const bytesPerRow = table.bytes / table.rows.count;
  t.true(bytesPerRow < 160, `${bytesPerRow} bytes per row`);
});

test('a timestamp is a Date, a text with its zone, or ms', (t) => {
  const table = new ColumnTable({ at: 'timestamp' });
  for (const [at, value] of [new Date(5), '1970-01-01T00:00:00.005Z', 5].entries()) {
    table.set(at, { at: value });
    t.deepEqual(table.get(at), { at: 5 });
  }
  const bound = new BoundFilter(
    table,
    parseFilter({ at: 'timestamp' } as const, { at: { lt: '1970-01-02' } }),
  );
  t.is(bound.select().count, 3);
});

const badRows: readonly (readonly [Record<string, unknown>, RegExp])[] = [
  [{ year: 2020.5 }, /column 'year' \(integer\) was given 2020.5; it accepts an integer/],
  [{ year: 2 ** 53 }, /it accepts an integer/],
  [{ price: Number.NaN }, /column 'price' \(number\) was given NaN; it accepts a finite number/],
  [{ price: '3' }, /was given '3'/],
  [{ at: new Date(Number.NaN) }, /column 'at' .*an invalid Date/],
  [{ at: '2020-01-01T00:00' }, /ISO 8601 text with a time zone/],
  [{ open: 1 }, /it accepts true or false/],
  [{ lang: 'x'.repeat(1_025) }, /keywordLengthMax = 1024/],
  [{ tags: 'x' }, /keywordsPerRowMax = 1024 texts/],
  [{ tags: [3] }, /column 'tags'/],
  [{ size: 3 }, /there is no column 'size'; the columns are: year, price/],
];

for (const [values, message] of badRows) {
  test(`a row is refused whole: ${message.source}`, (t) => {
    const table = new ColumnTable(SAMPLE_SCHEMA);
    table.set(1, { year: 2000 });
    const set = () => table.set(1, { lang: 'de', ...values } as never);
    t.is(t.throws(set, { instanceOf: IndexError, message }).code, 'invalid-value');
    t.deepEqual(table.get(1), { year: 2000 });
  });
}

for (const schema of [
  { ids: 'integer' },
  { '': 'integer' },
  { a: 'text' },
  { __proto__x: 'number' },
]) {
  test(`a schema that cannot be is refused: ${JSON.stringify(schema)}`, (t) => {
    const make = () => new ColumnTable(schema as never);
    t.is(t.throws(make, { instanceOf: IndexError }).code, 'invalid-option');
  });
}

testProp(
  'bytes that were changed are refused or make another table, never a crash',
  [changes, fc.nat(), fc.nat(), fc.integer({ min: 0, max: 255 })],
  (t, list, which, where, byte) => {
    const sections = tableOf(list).table.encode();
    const { bytes, name } = sections[which % sections.length] as ColumnSection;
    const damaged = bytes.slice(0, byte % 5 === 0 ? where % (bytes.length + 1) : bytes.length);
    if (damaged.length > 0) damaged[where % damaged.length] = byte;
    const changed = sections.map((section) =>
      section.name === name ? { name, bytes: damaged } : section,
    );
    try {
      rowsOf(ColumnTable.decode(changed));
      ColumnTable.decode(changed).encode();
      t.pass();
    } catch (error) {
      t.is((error as IndexError).code, 'corrupt-file', String(error));
    }
  },
);

test('a missing section is named', (t) => {
  const sections = tableOf([[1, { year: 3 }]]).table.encode();
  for (const { name } of sections) {
    const decode = () => ColumnTable.decode(sections.filter((section) => section.name !== name));
    const { code, message } = t.throws(decode, { instanceOf: IndexError });
    t.is(code, 'corrupt-file');
    t.regex(message, /is missing/);
  }
});
