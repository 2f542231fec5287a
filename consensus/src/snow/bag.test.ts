import test from 'ava';
import { Bag } from './bag.ts';

test('a bag counts each choice and all of them', (t) => {
  const bag = Bag.of('a', 'b', 'a');
  bag.add('c', 4);
  bag.add('d', 0);
  t.is(bag.size, 7);
  t.is(bag.count('a'), 2);
  t.is(bag.count('x'), 0);
  t.deepEqual(
    [...bag],
    [
      ['a', 2],
      ['b', 1],
      ['c', 4],
    ],
  );
  t.is(bag.remove('a'), 2);
  t.is(bag.remove('a'), 0);
  t.is(bag.size, 5);
});

test('the mode has most answers, the first added among equals', (t) => {
  t.is(new Bag<string>().mode(), undefined);
  t.deepEqual(Bag.of('a', 'b', 'b', 'a').mode(), ['a', 2]);
  t.deepEqual(Bag.of('a', 'b', 'b').mode(), ['b', 2]);
});
