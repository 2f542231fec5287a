import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { exceeds } from './binomial-race.ts';
import { binomialTail, logBinomial } from './tails.ts';

const trials = fc.record({
  trials: fc.integer({ min: 1, max: 60 }),
  chance: fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.double({ min: 1e-9, max: 1e-3, noNaN: true }),
  ),
});

testProp(
  'more successes of one are as likely as the whole sum says',
  [trials, trials],
  (t, a, b) => {
    let exact = 0;
    for (let count = 0; count <= b.trials; count++) {
      exact +=
        Math.exp(logBinomial(b.trials, b.chance, count)) *
        binomialTail(a.trials, a.chance, count + 1);
    }
    const found = exceeds(a, b);
    t.true(Math.abs(found - exact) <= 1e-8 * exact + 1e-290, `${found}, not ${exact}`);
  },
);

test('two fair counts of a million tie rarely and win equally often', (t) => {
  const fair = { trials: 1_000_000, chance: 0.5 };
  const tie = 1 - 2 * exceeds(fair, fair);
  // P[two such counts tie] is near 1 / √(2π · 2 · variance).
  t.true(Math.abs(tie * Math.sqrt(Math.PI * 1_000_000) - 1) < 1e-3, `${tie}`);
});

test('counts without chance never win', (t) => {
  t.is(exceeds({ trials: 10, chance: 0 }, { trials: 10, chance: 0.5 }), 0);
  t.is(exceeds({ trials: 10, chance: 1 }, { trials: 9, chance: 0.5 }), 1);
  t.is(exceeds({ trials: 10, chance: 0.5 }, { trials: 10, chance: 1 }), 0);
});
