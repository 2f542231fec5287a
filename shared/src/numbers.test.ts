import test from 'ava';
import fc from 'fast-check';
import { fromMicros, toMicros, uint32Schema, uintSchema } from './numbers.ts';

test('whole millionths come back from their number', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), (micros) => {
      t.is(toMicros(fromMicros(micros)), micros === 0 ? 0 : micros);
    }),
    { numRuns: 2000 },
  );
});

test('a number without whole millionths is a broken caller', (t) => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
    t.throws(() => toMicros(value), { instanceOf: RangeError });
  }
});

test('a tiny negative number becomes zero, not negative zero', (t) => {
  t.true(Object.is(toMicros(-1e-9), 0));
});

test('wire integers are whole, not negative and safe', (t) => {
  for (const value of [0, 1, Number.MAX_SAFE_INTEGER]) t.true(uintSchema.safeParse(value).success);
  for (const value of [-1, 0.5, 2 ** 53, Number.NaN, '1', 1n]) {
    t.false(uintSchema.safeParse(value).success);
  }
  t.true(uint32Schema.safeParse(0xffffffff).success);
  t.false(uint32Schema.safeParse(2 ** 32).success);
});
