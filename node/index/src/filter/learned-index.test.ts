import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import { LearnedIndex } from './learned-index.ts';
import { lowerBound, lowerBoundFrom, nextDouble } from './lower-bound.ts';
import { LEARNED_KEYS_MIN, ScalarLookup } from './scalar-lookup.ts';
import { segmentKeys } from './segment-keys.ts';

const ROWS = 30_000;
const random = new SeededRandom(7);
const unit = () => random.nextOpenUnit();
const gaussian = () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
const sortedKeys = (make: (at: number) => number) =>
  Float64Array.from({ length: ROWS }, (_, at) => make(at)).sort();

/** Every distribution that a filter column may hold, the unkind ones too. */
const DISTRIBUTIONS: Record<string, Float64Array> = {
  uniform: sortedKeys(unit),
  'integers up to 2^53': sortedKeys(() => Math.floor(unit() * 2 ** 53)),
  gaussian: sortedKeys(gaussian),
  lognormal: sortedKeys(() => Math.exp(4 * gaussian())),
  'forty years': sortedKeys(() => 1985 + Math.floor(unit() * 40)),
  'one key': sortedKeys(() => 7),
  'a step of half the rows': sortedKeys((at) => (at % 2 === 0 ? 5 : unit() * 10)),
  'magnitudes from 1e-300 to 1e300': sortedKeys(
    () => Math.sign(unit() - 0.5) * 10 ** (600 * unit() - 300),
  ),
  'adjacent doubles': sortedKeys((at) => 1 + at * Number.EPSILON),
  'adjacent subnormals': sortedKeys((at) => at * Number.MIN_VALUE),
  'powers of two': sortedKeys((at) => 2 ** (-1_000 + (at % 2_000))),
  'both ends of the doubles': sortedKeys((at) => ((at % 3) - 1) * Number.MAX_VALUE),
  quadratic: sortedKeys((at) => at * at),
  'clusters of clusters': sortedKeys((at) => (at % 10) * 1e12 + (at % 100) * 1e6 + unit()),
};

for (const [name, keys] of Object.entries(DISTRIBUTIONS)) {
  for (const epsilon of [1, 32]) {
    test(`${name}: every key is found and every absent one ranked, ε = ${epsilon}`, (t) => {
      const index = new LearnedIndex(keys, epsilon);
      const wrong: number[] = [];
      for (let rank = 0; rank < keys.length; rank += 1 + (rank % 3)) {
        const key = keys[rank] as number;
        const absent = key + ((keys[rank + 1] ?? key) - key) / 2;
        for (const probe of [key, nextDouble(key), absent, -key]) {
          if (index.lowerBound(probe) !== lowerBound(keys, probe)) wrong.push(probe);
        }
      }
      t.deepEqual(wrong, []);
      for (const probe of [-Infinity, -Number.MAX_VALUE, -0, 0, Number.MAX_VALUE, Infinity]) {
        t.is(index.lowerBound(probe), lowerBound(keys, probe));
      }
      t.true(index.segments.errorMax <= epsilon + 1);
    });
  }
}

const doubles = fc.double({ noNaN: true, noDefaultInfinity: true });
const keyLists = fc.array(fc.oneof(doubles, fc.integer({ min: -9, max: 9 })), { maxLength: 200 });

testProp(
  'the rank is the number of smaller keys',
  [keyLists, doubles, fc.nat(3)],
  (t, list, key, epsilon) => {
    const keys = Float64Array.from(list).sort();
    const index = new LearnedIndex(keys, epsilon);
    for (const probe of [key, ...list]) {
      t.is(index.lowerBound(probe), list.filter((other) => other < probe).length);
      t.is(index.lowerBound(nextDouble(probe)), list.filter((other) => other <= probe).length);
    }
  },
);

testProp('a guess may be anything', [keyLists, doubles, fc.double()], (t, list, key, guess) => {
  const keys = Float64Array.from(list).sort();
  t.is(lowerBoundFrom(keys, key, guess), lowerBound(keys, key));
});

testProp('the next double is the next one', [doubles], (t, key) => {
  fc.pre(key < Number.MAX_VALUE);
  const next = nextDouble(key);
  t.true(next > key);
  const middle = key / 2 + next / 2;
  t.true(middle <= key || middle >= next);
});

test('points on a line are one line, however many', (t) => {
  const keys = Float64Array.from({ length: ROWS }, (_, at) => 1e9 + 250 * at);
  const { firstKeys, errorMax } = segmentKeys(keys, 1);
  t.is(firstKeys.length, 1);
  t.true(errorMax < 1e-6);
});

test('two slopes are two lines: the segmentation is as small as can be', (t) => {
  const half = ROWS / 2;
  const keys = Float64Array.from({ length: ROWS }, (_, at) =>
    at < half ? at : half + (at - half) * 100,
  );
  t.is(segmentKeys(keys, 8).firstKeys.length, 2);
});

test('a column takes the model where it is small and halves otherwise', (t) => {
  const smooth = new ScalarLookup(DISTRIBUTIONS['uniform'] as Float64Array);
  t.true(smooth.isLearned);
  t.true(smooth.modelBytes > 0 && smooth.modelBytes < smooth.keys.byteLength / 64);
  const rough = new ScalarLookup(DISTRIBUTIONS['powers of two'] as Float64Array);
  const few = new ScalarLookup(smooth.keys.slice(0, LEARNED_KEYS_MIN - 1));
  for (const lookup of [smooth, rough, few]) {
    for (const key of [lookup.keys[9] as number, 0.5, 3, -1, Infinity]) {
      t.is(lookup.lowerBound(key), lowerBound(lookup.keys, key));
      t.is(lookup.upperBound(key), lookup.keys.filter((other) => other <= key).length);
    }
  }
  t.false(few.isLearned);
  t.is(few.modelBytes, 0);
});
