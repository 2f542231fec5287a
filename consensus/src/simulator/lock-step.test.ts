import test from 'ava';
import { ExchangeableNetwork } from './exchangeable.ts';
import { IdentifiedNetwork, type IdentifiedSetting } from './identified.ts';
import { LOCK_STEP_ADVERSARIES } from './lock-step-adversary.ts';
import type { LockStepRun } from './run-outcome.ts';
import { corruptPeers } from './spec.ts';
import { drawWeights } from './weights.ts';
import { Xoshiro128 } from './xoshiro.ts';

const SETTING: IdentifiedSetting = {
  weights: new Uint32Array(60).fill(1),
  adversaryShare: 0.1,
  k: 10,
  alphaPreference: 6,
  alphaConfidence: 8,
  beta: 8,
  split: 0.5,
  adversary: 'silent',
  level: 0.65,
  loss: 0,
  crash: undefined,
  partition: undefined,
  roundsMax: 200,
};

test('peers drawn together follow the law of peers polled one by one', (t) => {
  for (const adversary of LOCK_STEP_ADVERSARIES) {
    const one = { ...SETTING, adversary };
    const together = exchangeableRuns(one, 1500);
    const singly = identifiedRuns(one, 1500);
    for (const [name, pick] of Object.entries(FEATURES)) {
      const distance = kolmogorov(together.map(pick), singly.map(pick));
      // 1.95·√(2/1500) is exceeded once in a thousand times.
      t.true(distance < 0.0712, `${adversary}, ${name}: ${distance}`);
    }
  }
});

test('a seed gives the same run again', (t) => {
  const again = identifiedRuns({ ...SETTING, adversary: 'holder' }, 5);
  t.deepEqual(identifiedRuns({ ...SETTING, adversary: 'holder' }, 5), again);
  const together = exchangeableRuns({ ...SETTING, adversary: 'minority' }, 5);
  t.deepEqual(exchangeableRuns({ ...SETTING, adversary: 'minority' }, 5), together);
});

test('an even split among a hundred peers ends in the published number of rounds', (t) => {
  const published = [
    [15, 15, 100, 34],
    [15, 15, 10_000, 38],
    [11, 15, 100, 24],
    [11, 15, 1000, 25],
    [11, 15, 100_000, 26],
  ] as const;
  for (const [alphaPreference, alphaConfidence, n, median] of published) {
    const network = new ExchangeableNetwork({
      ...{ n, faulty: 0, k: 20, alphaPreference, alphaConfidence, beta: 20 },
      ...{ support: n / 2, adversary: 'silent', level: 0, roundsMax: 500 },
    });
    const rounds = Array.from({ length: 300 }, (_, i) => network.run(Xoshiro128.seeded(3, i)).last);
    const found = rounds.sort((a, b) => a - b)[150] as number;
    t.true(Math.abs(found - median) <= 1, `n = ${n}: ${found}, not ${median}`);
  }
});

test('full polls never leave an even split', (t) => {
  const full = { ...SETTING, weights: new Uint32Array(20).fill(1), adversaryShare: 0 };
  const setting = { ...full, k: 20, alphaPreference: 11, alphaConfidence: 15 };
  for (const run of [...identifiedRuns(setting, 5), ...exchangeableRuns(setting, 5)]) {
    t.is(run.ending, 'undecided');
    t.true(run.shares.every((share) => share === 0.5));
  }
});

test('one peer is enough to poll and to finalise', (t) => {
  const alone = { ...SETTING, weights: new Uint32Array(1).fill(1), adversaryShare: 0 };
  const setting = { ...alone, k: 1, alphaPreference: 1, alphaConfidence: 1, beta: 3 };
  for (const run of [...identifiedRuns(setting, 1), ...exchangeableRuns(setting, 1)]) {
    t.is(run.ending, 'agreed');
    t.is(run.last, 3);
  }
});

test('peers on two sides of a cut wait for each other, and agree when it heals', (t) => {
  const partition = { share: 0.5, from: 0, until: 50 };
  for (const run of identifiedRuns({ ...SETTING, partition, split: 0.9 }, 20)) {
    t.is(run.ending, 'agreed');
    t.true((run.first ?? 0) > 50);
  }
});

test('a crashed peer finalises after it came back', (t) => {
  const crash = { share: 0.1, from: 2, until: 60 };
  for (const run of identifiedRuns({ ...SETTING, adversaryShare: 0, crash }, 20)) {
    t.is(run.ending, 'agreed');
    t.true(run.last >= 68 && (run.first ?? 100) < 60);
  }
});

test('lost messages slow polls down and change no decision', (t) => {
  const calm = identifiedRuns({ ...SETTING, adversaryShare: 0, split: 1 }, 20);
  const lossy = identifiedRuns({ ...SETTING, adversaryShare: 0, split: 1, loss: 0.05 }, 20);
  t.true(calm.every(({ last }) => last === 8));
  t.true(lossy.every(({ ending, last }) => ending === 'agreed' && last > 8));
});

test('corrupt peers have no more than their share of unequal weights', (t) => {
  for (const kind of ['pareto', 'exponential'] as const) {
    const weights = drawWeights(kind, 500, Xoshiro128.seeded(4));
    const units = weights.reduce((sum, one) => sum + one, 0);
    t.true(weights.every((one) => one >= 1 && one * 3 < units));
    t.true(new Set(weights).size > 10);
    const runs = identifiedRuns({ ...SETTING, weights, adversaryShare: 0.1 }, 5);
    t.true(runs.every(({ ending }) => ending === 'agreed'));
  }
});

const FEATURES: Readonly<Record<string, (run: LockStepRun) => number>> = {
  'first final': (run) => run.first ?? 1000,
  'all final': (run) => (run.ending === 'agreed' ? run.last : 1000),
  'share after two rounds': (run) => run.shares[2] ?? 2,
};

function identifiedRuns(setting: IdentifiedSetting, runs: number): LockStepRun[] {
  const network = new IdentifiedNetwork(setting);
  return Array.from({ length: runs }, (_, run) => network.run(Xoshiro128.seeded(1, run)));
}

function exchangeableRuns(setting: IdentifiedSetting, runs: number): LockStepRun[] {
  const n = setting.weights.length;
  const faulty = corruptPeers(n, setting.adversaryShare);
  const honest = n - faulty;
  const network = new ExchangeableNetwork({
    ...setting,
    n,
    faulty,
    support: Math.round(setting.split * honest),
    level: setting.level * honest,
  });
  return Array.from({ length: runs }, (_, run) => network.run(Xoshiro128.seeded(2, run)));
}

/** The largest distance of two empirical distributions. */
function kolmogorov(a: readonly number[], b: readonly number[]): number {
  const all = [...new Set([...a, ...b])].sort((x, y) => x - y);
  const below = (values: readonly number[], limit: number) =>
    values.filter((value) => value <= limit).length / values.length;
  return Math.max(...all.map((limit) => Math.abs(below(a, limit) - below(b, limit))));
}
