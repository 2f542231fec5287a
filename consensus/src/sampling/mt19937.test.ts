import test from 'ava';
import { Mt19937 } from './mt19937.ts';
import { nextUint64 } from './random-source.ts';

test('the first words from seed 0 are those of the reference', (t) => {
  const random = new Mt19937(0);
  t.deepEqual(
    [nextUint64(random), nextUint64(random), nextUint64(random)],
    [10123822223749065263n, 13192915183495924928n, 11119021634053362427n],
  );
});

test('a seed of several words starts as in the reference', (t) => {
  const random = new Mt19937([0x123, 0x234, 0x345, 0x456]);
  const words = Array.from({ length: 5 }, () => random.nextUint32());
  t.deepEqual(words, [1067595299, 955945823, 477289528, 4107218783, 4228976476]);
});

test('without a seed it starts from 5489, whose 10,000th word is 4123659995', (t) => {
  const random = new Mt19937();
  for (let i = 1; i < 10_000; i += 1) random.nextUint32();
  t.is(random.nextUint32(), 4123659995);
});

test('seeding again repeats the stream, whatever was drawn before', (t) => {
  const random = new Mt19937(7);
  const words = Array.from({ length: 700 }, () => random.nextUint32());
  random.seed(7);
  t.deepEqual(
    Array.from({ length: 700 }, () => random.nextUint32()),
    words,
  );
  t.throws(() => new Mt19937([]), { instanceOf: RangeError });
});
