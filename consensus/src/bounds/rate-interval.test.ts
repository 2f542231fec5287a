import test from 'ava';
import { rateText, wilsonInterval } from './rate-interval.ts';

test("Wilson's interval has its published values", (t) => {
  const { high, low } = wilsonInterval(10, 100);
  t.is(low.toFixed(4), '0.0552');
  t.is(high.toFixed(4), '0.1744');
  t.is(wilsonInterval(0, 400).low, 0);
  t.is(wilsonInterval(0, 400).high.toFixed(5), '0.00951');
  t.is(wilsonInterval(400, 400).high, 1);
});

test('an interval needs cases, and no more hits than cases', (t) => {
  t.throws(() => wilsonInterval(0, 0), { message: /0 <= hits <= cases/ });
  t.throws(() => wilsonInterval(3, 2), { message: /3 of 2/ });
});

test('of what was never seen only a limit is said', (t) => {
  t.is(rateText(0, 400), '< 3/400');
  t.is(rateText(2, 400), '0.50%');
  t.is(rateText(292, 400), '73%');
});
