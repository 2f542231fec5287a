import test from 'ava';
import { Xoshiro128 } from './xoshiro.ts';

test('xoshiro128** gives the numbers of its reference implementation', (t) => {
  const random = new Xoshiro128([0x964d4a0c, 0xd40ab895, 0xad7fdecb, 0x3006f0f0]);
  const words = [random.next(), random.next(), random.next(), random.next()];
  t.deepEqual(words, [0xf1391922, 0x6fe53806, 0xa5be2840, 0xf510ee70]);
  const small = new Xoshiro128([1, 2, 3, 4]);
  t.deepEqual([small.next(), small.next(), small.next()], [11520, 0, 5927040]);
});

test('a seed gives one stream, another stream or seed another', (t) => {
  const streams: readonly (readonly [number, number])[] = [
    [1, 0],
    [1, 1],
    [2, 0],
    [0, 0],
  ];
  const firsts = streams.map(([seed, stream]) => Xoshiro128.seeded(seed, stream).next());
  t.is(firsts[0], Xoshiro128.seeded(1, 0).next());
  t.is(new Set(firsts).size, firsts.length);
});

test('reserved words are those that would have come next', (t) => {
  const one = Xoshiro128.seeded(5);
  const other = Xoshiro128.seeded(5);
  const at = one.reserve(3);
  for (let i = 0; i < 3; i++) t.is(one.words[at + i], other.next());
  t.is(one.next(), other.next());
});

test('integers below a range are all hit equally often', (t) => {
  const random = Xoshiro128.seeded(9);
  const counts = new Uint32Array(7);
  for (let i = 0; i < 70_000; i++) {
    const drawn = random.below(7);
    counts[drawn] = (counts[drawn] as number) + 1;
  }
  // 10,000 each, give or take five deviations of 93.
  for (const count of counts) t.true(Math.abs(count - 10_000) < 465, `${counts}`);
});

test('numbers of the unit interval stay in it and have its mean', (t) => {
  const random = Xoshiro128.seeded(10);
  let sum = 0;
  for (let i = 0; i < 10_000; i++) {
    const unit = random.nextUnit();
    t.true(unit >= 0 && unit < 1);
    sum += unit;
  }
  t.true(Math.abs(sum / 10_000 - 0.5) < 0.015);
});
