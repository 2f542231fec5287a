import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { fromHalf, HALF_MAX, toHalf } from './float16.ts';

const HALVES = 65_536;

// Node 24 has it behind no flag, the language's library does not declare it.
const { Float16Array: NativeHalves } = globalThis as unknown as {
  readonly Float16Array?: new (buffer: ArrayBuffer) => { [position: number]: number };
};

test('every half is the nearest half to its own value', (t) => {
  for (let half = 0; half < HALVES; half++) {
    const value = fromHalf(half);
    if (Number.isNaN(value)) t.true(Number.isNaN(fromHalf(toHalf(value))));
    else if (toHalf(value) !== half) t.fail(`half ${half} became ${toHalf(value)}`);
  }
  t.is(fromHalf(toHalf(HALF_MAX)), HALF_MAX);
  t.is(fromHalf(toHalf(HALF_MAX + 16)), Number.POSITIVE_INFINITY);
});

test('a value between two halves becomes the nearer, in the middle the even one', (t) => {
  for (let half = 0; half < 0x7bff; half++) {
    const middle = (fromHalf(half) + fromHalf(half + 1)) / 2;
    const even = half % 2 === 0 ? half : half + 1;
    const below = toHalf(Math.fround(middle * (1 - 2 ** -23)));
    const above = toHalf(Math.fround(middle * (1 + 2 ** -23)));
    if (toHalf(middle) !== even || below !== half || above !== half + 1) t.fail(`after ${half}`);
    if (toHalf(-middle) !== (even | 0x8000)) t.fail(`before minus ${half}`);
  }
  t.pass();
});

testProp(
  'conversions are those of the runtime, where it has halves',
  [fc.float({ noNaN: true }), fc.nat({ max: HALVES - 1 })],
  (t, value, bits) => {
    if (NativeHalves === undefined) return t.pass();
    const words = new Uint16Array(1);
    const halves = new NativeHalves(words.buffer);
    halves[0] = value;
    t.is(toHalf(value), words[0] as number);
    words[0] = bits;
    t.is(fromHalf(bits), halves[0]);
  },
  { seed: 201, numRuns: 3_000 },
);
