import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { distinctPairs, splitOf, splitPairs } from './pairs.ts';

test('an answer appears once, with its first query', (t) => {
  const pairs = [
    { query: 'a', answer: 'x' },
    { query: 'b', answer: 'x' },
    { query: 'a', answer: 'y' },
  ];
  t.deepEqual(distinctPairs(pairs), [pairs[0], pairs[2]]);
});

test('the splits take eighty, ten and ten percent', (t) => {
  const pairs = Array.from({ length: 10_000 }, (_, i) => ({ query: 'q', answer: `f${i}(): void` }));
  const { train, validation, test: held } = splitPairs(pairs, 7);
  t.is(train.length + validation.length + held.length, 10_000);
  t.true(Math.abs(train.length - 8000) < 200);
  t.true(Math.abs(validation.length - 1000) < 150);
});

test('the split of a declaration depends on its text and the seed alone', (t) => {
  t.deepEqual(
    ['a()', 'b()', 'c()', 'd()', 'e()', 'f()', 'g()', 'h()', 'i()'].map((a) => splitOf(a, 3)),
    ['a()', 'b()', 'c()', 'd()', 'e()', 'f()', 'g()', 'h()', 'i()'].map((a) => splitOf(a, 3)),
  );
  const moved = Array.from({ length: 100 }, (_, i) => `f${i}`).filter(
    (answer) => splitOf(answer, 1) !== splitOf(answer, 2),
  );
  t.true(moved.length > 10);
});

testProp('splits are a partition', [fc.array(fc.string()), fc.integer()], (t, answers, seed) => {
  const splits = splitPairs(
    answers.map((answer) => ({ query: 'q', answer })),
    seed,
  );
  const all = Object.values(splits).flat();
  t.deepEqual(
    all.sort((a, b) => a - b),
    answers.map((_, i) => i),
  );
});
