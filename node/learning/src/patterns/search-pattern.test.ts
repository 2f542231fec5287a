import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { isNowhere, isSearchable, quantised, squaredDistance } from './search-pattern.ts';

test('components are scaled, rounded and kept within a signed byte', (t) => {
  const vector = Float32Array.of(0.5, -0.5, 0, 1, -1, 0.1);
  t.deepEqual([...quantised(vector, 100)], [50, -50, 0, 100, -100, 10]);
  t.deepEqual([...quantised(vector, 1000)], [127, -127, 0, 127, -127, 100]);
});

const bytes = fc.int8Array({ minLength: 8, maxLength: 8, min: -127, max: 127 });

testProp(
  'distances are whole, symmetric, and zero only from a point to itself',
  [bytes, bytes],
  (t, a, b) => {
    const distance = squaredDistance(a, b);
    t.true(Number.isSafeInteger(distance));
    t.is(distance, squaredDistance(b, a));
    t.is(
      distance === 0,
      a.every((component, d) => component === b[d]),
    );
  },
  { seed: 501 },
);

test('spaces of different dimension are infinitely far apart', (t) => {
  t.is(squaredDistance(new Int8Array(8), new Int8Array(7)), Number.POSITIVE_INFINITY);
});

test('only a query without any direction lies nowhere', (t) => {
  t.true(isNowhere(new Int8Array(4)));
  t.false(isNowhere(Int8Array.of(0, 0, -1, 0)));
});

test('a pattern asks for a search that an index can make', (t) => {
  t.true(isSearchable({ k: 10, efSearch: 64 }));
  for (const k of [0, -1, 1.5, 1_001]) t.false(isSearchable({ k, efSearch: 64 }));
  for (const efSearch of [0, Number.NaN, 4_097]) t.false(isSearchable({ k: 10, efSearch }));
});
