import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { logFactorial } from './log-factorial.ts';
import { binomialTail, hypergeometricTail } from './tails.ts';

function isNear(found: number, wanted: number, tolerance = 1e-10): boolean {
  return Math.abs(found - wanted) <= tolerance * Math.max(Math.abs(wanted), Number.MIN_VALUE);
}

/** C(n, k) as a whole number of any size. */
function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let product = 1n;
  for (let i = 1; i <= k; i++) product = (product * BigInt(n - k + i)) / BigInt(i);
  return product;
}

/** A fraction of big integers with sixteen digits or more. */
function quotient(part: bigint, whole: bigint): number {
  const shift = 200n;
  return Number((part << shift) / whole) / 2 ** 200;
}

testProp(
  'a hypergeometric tail is the exact count of samples to ten digits',
  [
    fc
      .integer({ min: 1, max: 60 })
      .chain((population) =>
        fc.tuple(
          fc.constant(population),
          fc.integer({ min: 0, max: population }),
          fc.integer({ min: 1, max: population }),
          fc.integer({ min: -2, max: population + 2 }),
        ),
      ),
  ],
  (t, [population, red, draws, atLeast]) => {
    let hits = 0n;
    for (let i = Math.max(0, atLeast); i <= draws; i++) {
      hits += choose(red, i) * choose(population - red, draws - i);
    }
    const exact = quotient(hits, choose(population, draws));
    t.true(isNear(hypergeometricTail(population, red, draws, atLeast), exact), `${exact}`);
  },
);

test('a hypergeometric tail keeps its digits among a million peers', (t) => {
  const hits = Array.from({ length: 6 }, (_, i) => i + 15).reduce(
    (sum, i) => sum + choose(300_000, i) * choose(700_000, 20 - i),
    0n,
  );
  const exact = quotient(hits, choose(1_000_000, 20));
  t.true(isNear(hypergeometricTail(1_000_000, 300_000, 20, 15), exact, 1e-7));
});

testProp(
  'a binomial tail is the sum of its terms, and 1 minus the other tail',
  [fc.integer({ min: 1, max: 50 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), fc.nat(52)],
  (t, trials, chance, atLeast) => {
    let exact = 0;
    for (let i = trials; i >= atLeast; i--) {
      exact += Number(choose(trials, i)) * chance ** i * (1 - chance) ** (trials - i);
    }
    t.true(isNear(binomialTail(trials, chance, atLeast), exact, 1e-9));
    const below = binomialTail(trials, 1 - chance, trials - atLeast + 1);
    t.true(Math.abs(binomialTail(trials, chance, atLeast) + below - 1) < 1e-9);
  },
);

test('certain and impossible trials have tails of 0 and 1', (t) => {
  t.is(binomialTail(5, 0, 1), 0);
  t.is(binomialTail(5, 0, 0), 1);
  t.is(binomialTail(5, 1, 5), 1);
  t.is(binomialTail(5, 0.5, 6), 0);
});

test('the logarithm of a factorial is the same by product and by series', (t) => {
  let sum = 0;
  for (let n = 2; n <= 400; n++) {
    sum += Math.log(n);
    t.true(isNear(logFactorial(n), sum, 1e-13), `${n}`);
  }
});
