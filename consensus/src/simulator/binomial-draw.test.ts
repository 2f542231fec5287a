import test from 'ava';
import { logBinomial } from '../bounds/tails.ts';
import { drawBinomial } from './binomial-draw.ts';
import { Xoshiro128 } from './xoshiro.ts';

const DRAWS = 40_000;

test('drawn counts have the binomial law, by inversion and by rejection', (t) => {
  for (const [trials, chance] of [
    [1, 0.3],
    [12, 0.5],
    [100, 0.03],
    [100, 0.4],
    [100, 0.97],
    [5000, 0.25],
    [1_000_000, 0.0001],
  ] as const) {
    const random = Xoshiro128.seeded(11);
    const seen = new Map<number, number>();
    for (let i = 0; i < DRAWS; i++) {
      const count = drawBinomial(random, trials, chance);
      seen.set(count, (seen.get(count) ?? 0) + 1);
    }
    const { statistic, freedom } = chiSquare(seen, trials, chance);
    // Five deviations above its mean.
    const limit = freedom + 5 * Math.sqrt(2 * freedom) + 10;
    t.true(statistic < limit, `${trials} × ${chance}: ${statistic} of ${freedom}`);
  }
});

test('certain and impossible trials need no luck', (t) => {
  const random = Xoshiro128.seeded(12);
  t.is(drawBinomial(random, 0, 0.5), 0);
  t.is(drawBinomial(random, 9, 0), 0);
  t.is(drawBinomial(random, 9, 1), 9);
  t.is(drawBinomial(random, 9, 1.0000001), 9);
});

/** Pearson's statistic over all counts of which five or more are expected; the others as one. */
function chiSquare(seen: ReadonlyMap<number, number>, trials: number, chance: number) {
  let statistic = 0;
  let bins = 0;
  let restSeen = DRAWS;
  let restExpected = DRAWS;
  for (let count = 0; count <= trials; count++) {
    const expected = DRAWS * Math.exp(logBinomial(trials, chance, count));
    if (expected < 5) {
      if (count > trials * chance) break;
      continue;
    }
    const hits = seen.get(count) ?? 0;
    statistic += (hits - expected) ** 2 / expected;
    restSeen -= hits;
    restExpected -= expected;
    bins++;
  }
  if (restExpected > 1) statistic += (restSeen - restExpected) ** 2 / restExpected;
  return { statistic, freedom: bins };
}
