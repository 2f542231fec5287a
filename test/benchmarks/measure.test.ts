import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { measureSeconds, percentile, summarise } from './measure.ts';

test('a summary holds the median, the extremes and their distance in medians', (t) => {
  t.deepEqual(summarise([4, 1, 2]), { median: 2, min: 1, max: 4, spread: 1.5, repeats: 3 });
  t.deepEqual(summarise([1, 3]), { median: 2, min: 1, max: 3, spread: 1, repeats: 2 });
  t.is(summarise([0, 0]).spread, 0);
});

test('no samples, and samples that are no numbers, are refused', (t) => {
  t.throws(() => summarise([]), { instanceOf: RangeError });
  t.throws(() => summarise([1, Number.NaN]), { message: /NaN/ });
  t.throws(() => percentile([], 0.5), { instanceOf: RangeError });
  t.throws(() => percentile([1], 1.5), { message: /rank = 1.5/ });
});

test('percentiles interpolate between the neighbouring samples', (t) => {
  t.is(percentile([10, 20, 30, 40, 50], 0.5), 30);
  t.is(percentile([10, 20], 0.75), 17.5);
  t.is(percentile([7], 0.99), 7);
});

testProp(
  'a percentile lies between the extremes and grows with its rank',
  [
    fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 1 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 0, max: 1, noNaN: true }),
  ],
  (t, samples, a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const tolerance = 1e-6;
    t.true(percentile(samples, low) <= percentile(samples, high) + tolerance);
    t.true(percentile(samples, low) >= Math.min(...samples) - tolerance);
    t.true(percentile(samples, high) <= Math.max(...samples) + tolerance);
  },
);

test('the first call warms up and is not counted', async (t) => {
  let calls = 0;
  const { repeats } = await measureSeconds(3, () => calls++, new AbortController().signal);
  t.deepEqual([calls, repeats], [4, 3]);
});

test('an aborted measurement ends with the reason of its signal', async (t) => {
  const reason = new Error('enough');
  await t.throwsAsync(
    measureSeconds(3, () => undefined, AbortSignal.abort(reason)),
    {
      message: 'enough',
    },
  );
});
