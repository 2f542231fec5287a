import test from 'ava';
import { clientSeed } from './client-seed.ts';

test('the same run, round and node have the same seed on every machine', (t) => {
  t.is(clientSeed(1, 1, 'node-0'), 4_085_935_099);
});

test('a hundred thousand nodes and rounds hardly ever share a seed', (t) => {
  const seeds = new Set<number>();
  for (let round = 1; round <= 10; round++) {
    for (let node = 0; node < 10_000; node++) seeds.add(clientSeed(7, round, `node-${node}`));
  }
  t.true(seeds.size > 99_985, `${seeds.size} of 100,000`);
  for (const seed of seeds) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) t.fail(`${seed}`);
  }
});

test('another run seed, round or node gives another seed', (t) => {
  const seeds = [
    clientSeed(1, 2, 'a'),
    clientSeed(2, 1, 'a'),
    clientSeed(1, 1, 'a'),
    clientSeed(1, 2, 'b'),
  ];
  t.is(new Set(seeds).size, 4);
});
