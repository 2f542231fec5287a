import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { type BookedPattern, PatternBook } from './pattern-book.ts';
import { PATTERN_LIMITS, squaredDistance } from './search-pattern.ts';

function booked(id: string, centroid: readonly number[], radius: number, k = 10): BookedPattern {
  const measured = { efSearch: 16, expectedRecallMicros: 950_000, cost: 80, queries: 60 };
  return { id, pattern: { centroid: Int8Array.from(centroid), radius, k, ...measured } };
}

function bookOf(dimension: number, ...patterns: readonly BookedPattern[]): PatternBook {
  const book = new PatternBook(dimension);
  book.replace(patterns);
  return book;
}

const point = fc.array(fc.integer({ min: -127, max: 127 }), { minLength: 4, maxLength: 4 });
const pattern = fc.record({
  centroid: point,
  radius: fc.nat(120_000),
  k: fc.integer({ min: 1, max: 20 }),
});

testProp(
  'the nearest pattern is found of those whose radius holds the query',
  [fc.array(pattern, { maxLength: 12 }), point, fc.integer({ min: 1, max: 20 })],
  (t, patterns, components, k) => {
    const all = patterns.map((one, i) => booked(String(i), one.centroid, one.radius, one.k));
    const query = Int8Array.from(components);
    const found = bookOf(4, ...all).find(query, k);
    const distanceTo = (one: BookedPattern) => squaredDistance(one.pattern.centroid, query);
    const eligible = all.filter(
      (one) => distanceTo(one) <= one.pattern.radius && one.pattern.k >= k,
    );
    const isSomewhere = components.some((component) => component !== 0);
    const nearest = Math.min(...eligible.map(distanceTo));
    t.is(found, isSomewhere ? eligible.find((one) => distanceTo(one) === nearest) : undefined);
  },
  { seed: 502 },
);

test('a query without words has no pattern', (t) => {
  t.is(bookOf(2, booked('a', [1, 1], 100)).find(new Int8Array(2), 10), undefined);
});

test('a search for more hits than a pattern was measured with has none', (t) => {
  const book = bookOf(2, booked('a', [1, 1], 100, 10));
  t.is(book.find(Int8Array.of(1, 1), 10)?.id, 'a');
  t.is(book.find(Int8Array.of(1, 1), 11), undefined);
});

test('patterns of another dimension, or that no index can search by, are left out', (t) => {
  const wild = booked('wild', [1, 1], 100);
  const book = bookOf(
    2,
    { ...wild, pattern: { ...wild.pattern, efSearch: 1e9 } },
    booked('a', [1, 1], 100),
    booked('longer', [1, 1, 1], 100),
  );
  t.is(book.size, 1);
  t.is(book.find(Int8Array.of(1, 1, 1), 10), undefined);
});

test('a book holds the newest patterns and no more than it may', (t) => {
  const { bookMax } = PATTERN_LIMITS;
  const book = bookOf(
    1,
    ...Array.from({ length: bookMax + 2 }, (_, i) => booked(String(i), [9], 1)),
  );
  t.is(book.size, bookMax);
  t.is(book.find(Int8Array.of(9), 1)?.id, '2');
  book.replace([]);
  t.is(book.find(Int8Array.of(9), 1), undefined);
});
