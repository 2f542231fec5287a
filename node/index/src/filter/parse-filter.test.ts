import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { BoundFilter } from './bound-filter.ts';
import { ColumnTable } from './column-table.ts';
import type { Filter } from './filter-language.ts';
import { parseFilter } from './parse-filter.ts';
import { SAMPLE_SCHEMA } from './sample-columns.ts';

const nested = (depth: number): unknown => (depth === 0 ? { year: 1 } : { not: nested(depth - 1) });

const badFilters: readonly (readonly [unknown, IndexErrorCode, RegExp])[] = [
  [null, 'invalid-filter', /^filter: it is null; give an object/],
  [[], 'invalid-filter', /^filter: it is a list of 0/],
  [{}, 'invalid-filter', /^filter: it is empty/],
  [{ or: [] }, 'invalid-filter', /^filter\.or: .* a list of at least one/],
  [{ or: [{ year: 3 }, {}] }, 'invalid-filter', /^filter\.or\[1\]: it is empty/],
  [{ size: 3 }, 'invalid-filter', /^filter\.size: there is no column 'size'; .*year, price, at/],
  [{ constructor: 3 }, 'invalid-filter', /there is no column 'constructor'/],
  [{ year: {} }, 'invalid-filter', /column 'year' \(integer\); it accepts an integer .* gte/],
  [{ year: { gtt: 3 } }, 'invalid-filter', /^filter\.year\.gtt: 'gtt' is no test of column 'year'/],
  [{ year: { gte: 2020.5 } }, 'invalid-filter', /column 'year' accepts an integer/],
  [{ price: { lt: Number.NaN } }, 'invalid-filter', /^filter\.price\.lt: it is NaN/],
  [{ price: Infinity }, 'invalid-filter', /a finite number, or an object of eq, ne/],
  [{ year: { in: [] } }, 'invalid-filter', /accepts a list here/],
  [{ year: { in: [1, '2'] } }, 'invalid-filter', /^filter\.year\.in\[1\]: it is '2'/],
  [{ open: 'yes' }, 'invalid-filter', /accepts true or false/],
  [{ lang: { gt: 'a' } }, 'invalid-filter', /it accepts a text .* eq, ne, in, prefix, exists/],
  [{ lang: 3 }, 'invalid-filter', /column 'lang' \(keyword\)/],
  [{ tags: 'x' }, 'invalid-filter', /an object of contains, containsAny, containsAll, exists/],
  [{ year: { exists: 1 } }, 'invalid-filter', /it accepts true or false/],
  [{ ids: 'a' }, 'invalid-filter', /^filter\.ids: it is 'a'/],
  [{ ids: ['a', 3] }, 'invalid-filter', /^filter\.ids\[1\]: it is 3; ids are texts/],
  [{ at: { gt: 'yesterday' } }, 'invalid-filter', /ISO 8601/],
  [nested(16), 'limit-exceeded', /filterDepthMax = 16/],
  [{ or: Array(1_025).fill({ year: 1 }) }, 'limit-exceeded', /filterTestsMax = 1024/],
  [{ year: { in: Array(65_537).fill(1) } }, 'limit-exceeded', /filterValuesMax = 65536/],
];

for (const [filter, code, message] of badFilters) {
  test(`a filter is refused with its place: ${message.source}`, (t) => {
    const parse = () => parseFilter(SAMPLE_SCHEMA, filter as Filter<typeof SAMPLE_SCHEMA>);
    t.is(t.throws(parse, { instanceOf: IndexError, message }).code, code);
  });
}

test('depth 16 is allowed', (t) => {
  t.is(parseFilter(SAMPLE_SCHEMA, nested(15) as never).kind, 'not');
});

test('a row without a value matches exists: false and what not turns round, nothing else', (t) => {
  const table = new ColumnTable(SAMPLE_SCHEMA);
  table.set(0, { lang: 'en', year: 3 });
  table.set(1, {});
  const matches = (filter: Filter<typeof SAMPLE_SCHEMA>) =>
    new BoundFilter(table, parseFilter(SAMPLE_SCHEMA, filter)).matches(1);
  t.true(matches({ lang: { exists: false } }));
  t.true(matches({ not: { lang: 'en' } }));
  t.true(matches({ not: { year: { gt: 5 } } }));
  t.false(matches({ lang: { ne: 'en' } }));
  t.false(matches({ year: { ne: 4 } }));
  t.false(matches({ year: { lte: 5 } }));
});

test('ids are rows where the caller knows them, and are refused elsewhere', (t) => {
  const table = new ColumnTable({ year: 'integer' });
  for (const slot of [0, 1, 2, 3]) table.set(slot, { year: slot });
  const slots = new Map([
    ['a', 0],
    ['b', 2],
    ['gone', 9],
  ]);
  const predicate = parseFilter({ year: 'integer' } as const, {
    ids: ['a', 'b', 'gone', 'unknown'],
    year: { gt: 0 },
  });
  const bound = new BoundFilter(table, predicate, (id) => slots.get(id));
  t.deepEqual([...bound.select().slots()], [2]);
  const bind = () => new BoundFilter(table, predicate);
  t.is(t.throws(bind, { instanceOf: IndexError }).code, 'invalid-filter');
});

type Takes<F> = F extends Filter<typeof SAMPLE_SCHEMA> ? true : false;

test('the compiler knows the columns and what they accept', (t) => {
  const filter: Filter<typeof SAMPLE_SCHEMA> = {
    year: { gte: 2020, lt: 2024 },
    lang: { in: ['de', 'en'] },
    or: [{ open: true }, { tags: { contains: 'x' } }],
    not: { price: { exists: true } },
  };
  const unordered = { lang: { gt: 'a' } };
  const unknown = { size: 3 };
  const takesUnordered: Takes<typeof unordered> = false;
  const takesUnknown: Takes<typeof unknown> = false;
  t.is(parseFilter(SAMPLE_SCHEMA, filter).kind, 'and');
  t.false(takesUnordered || takesUnknown);
  for (const wrong of [unordered, unknown]) {
    t.throws(() => parseFilter(SAMPLE_SCHEMA, wrong as Filter<typeof SAMPLE_SCHEMA>));
  }
});
