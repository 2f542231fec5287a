import test from 'ava';
import { medianOf, percentileOf, recallLowerBound } from './measure-queries.ts';

test('the lower bound of a recall is 1.645 standard errors below its mean', (t) => {
  // Mean 0.75, sample deviation 0.5, four queries.
  t.true(Math.abs(recallLowerBound([1, 1, 1, 0]) - (0.75 - (1.645 * 0.5) / 2)) < 1e-12);
  t.is(recallLowerBound([0.9, 0.9, 0.9]), 0.9);
  t.is(recallLowerBound([1, 0]), 0);
});

test('a median is one of the values', (t) => {
  t.is(medianOf([4, 1, 3, 2]), 2);
  t.is(medianOf([9, 7, 8]), 8);
  t.is(percentileOf([5, 1, 4, 2, 3, 6, 7, 8, 9, 10], 0.9), 9);
  t.true(Number.isNaN(medianOf([])));
});
