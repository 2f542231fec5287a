import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { dealPackages, PAIRS_PER_PACKAGE_MAX } from './deal-packages.ts';

const packageOf = (name: string, count: number) => ({
  name,
  pairs: Array.from({ length: count }, (_, i) => ({ query: 'q', answer: `${name}-${i}` })),
});

test('the largest package goes first, each to the smallest site', (t) => {
  const sites = dealPackages([packageOf('c', 2), packageOf('a', 5), packageOf('b', 3)], 2);
  t.deepEqual(
    sites.map((site) => site.packages),
    [['a'], ['b', 'c']],
  );
});

test('versions of a package are one package, and identical answers one pair', (t) => {
  const sites = dealPackages([packageOf('a', 3), packageOf('b', 2), packageOf('a', 4)], 2);
  t.deepEqual(
    sites.map((site) => [site.packages, site.pairs.length]),
    [
      [['a'], 4],
      [['b'], 2],
    ],
  );
});

test('a large package is sampled down to the cap', (t) => {
  t.is(dealPackages([packageOf('a', 5000)], 1)[0]?.pairs.length, PAIRS_PER_PACKAGE_MAX);
});

test('a site count out of range is refused', (t) => {
  for (const count of [0, -1, 1.5, Number.NaN]) t.throws(() => dealPackages([], count));
});

testProp(
  'no two sites share a package, and the order of the input does not matter',
  [
    fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,3}$/), fc.nat(30))),
    fc.integer({ min: 1, max: 7 }),
  ],
  (t, sizes, count) => {
    const packages = sizes.map(([name, size]) => packageOf(name, size));
    const sites = dealPackages(packages, count);
    const names = sites.flatMap((site) => site.packages);
    t.is(new Set(names).size, names.length);
    t.deepEqual(dealPackages([...packages].reverse(), count), sites);
  },
);
