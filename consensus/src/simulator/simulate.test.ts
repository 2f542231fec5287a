import test from 'ava';
import { specObjection } from './check-spec.ts';
import { SHARES_RUNS_MAX, simulate } from './simulate.ts';
import { DEFAULT_SPEC, type SimulationSpec } from './spec.ts';

/** FNV-1a: enough to tell two results apart. */
function digestOf(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}

const SMALL: SimulationSpec = { ...DEFAULT_SPEC, n: 100, runs: 30 };

test('one seed gives one digest, at every lock-step level', (t) => {
  for (const level of ['exchangeable', 'identified'] as const) {
    const spec = { ...SMALL, level };
    const first = simulate(spec, { digestOf });
    t.is(simulate(spec, { digestOf }).digest, first.digest);
    t.not(simulate({ ...spec, seed: 2 }, { digestOf }).digest, first.digest);
    t.is(first.unit, 'rounds');
  }
});

test('certificates decide at message level, and one liar too many breaks them', (t) => {
  const spec: SimulationSpec = {
    ...{ ...DEFAULT_SPEC, level: 'message', engine: 'simplex', n: 4, runs: 60 },
    ...{ adversary: 'equivocator', adversaryShare: 0.25 },
  };
  const one = simulate(spec, { digestOf });
  t.is(one.unit, 'ms');
  t.is(one.summary.violations.seen, 0);
  t.is(one.summary.undecided.seen, 0);
  t.is(one.summary.bound, null);
  t.is(simulate(spec, { digestOf }).digest, one.digest);
  const two = simulate({ ...spec, adversaryShare: 0.5 }, { digestOf });
  t.true(two.summary.violations.seen > 0);
});

test('a crash and a cut of certificates end, and everyone decides', (t) => {
  const spec: SimulationSpec = {
    ...{ ...DEFAULT_SPEC, level: 'message', engine: 'simplex', n: 7, runs: 20 },
    ...{ crash: { share: 0.3, from: 10, until: 3000 } },
    ...{ partition: { share: 0.5, from: 0, until: 5000 } },
  };
  const { runs } = simulate(spec, { digestOf });
  for (const { ending, last } of runs) {
    t.is(ending, 'agreed');
    t.true(last > 3000);
  }
});

test('polls at message level are simulated with the same spec', (t) => {
  const spec: SimulationSpec = { ...SMALL, level: 'message', n: 30, runs: 5, loss: 0.02 };
  const { shares, summary, unit } = simulate(spec, { digestOf });
  t.is(unit, 'ms');
  t.is(shares.length, 5);
  t.true((summary.finality?.p50 ?? 0) > 20 * 2 * 40);
});

test('a result has every run, and preferences of the first ones only', (t) => {
  const done: number[] = [];
  const { runs, shares, summary } = simulate(SMALL, { digestOf, onRun: (n) => done.push(n) });
  t.is(runs.length, 30);
  t.is(done.at(-1), 30);
  t.is(shares.length, SHARES_RUNS_MAX);
  for (const [at, round] of shares.entries()) {
    t.is(round.length, (runs[at]?.last ?? 0) + 1);
    t.is(round[0], 0.5);
    t.true(round.at(-1) === 0 || round.at(-1) === 1);
  }
  t.is(summary.finality?.max, Math.max(...runs.map(({ last }) => last)));
  t.true((summary.finality?.p50 ?? 0) <= (summary.finality?.p99 ?? 0));
});

test('what was never seen is reported as less than three of the runs', (t) => {
  const { summary } = simulate(SMALL, { digestOf });
  t.is(summary.violations.text, '< 3/30');
  t.is(summary.violations.low, 0);
  t.true((summary.bound?.perRound ?? 1) < 1e-14);
  t.is(summary.bound?.overall, (summary.bound?.perRound ?? 0) * SMALL.roundsMax);
});

test('each poll counts k queries and k answers', (t) => {
  const { runs } = simulate({ ...SMALL, runs: 3 }, { digestOf });
  for (const { bytes, messages, polls } of runs) {
    t.is(messages, polls * 40);
    t.is(bytes, polls * 20 * 256);
  }
});

test('a holder breaks a small sample, and the report says how often', (t) => {
  const spec: SimulationSpec = {
    ...{ ...SMALL, adversary: 'holder', adversaryShare: 0.3, holderLevel: 0.6, split: 0.6 },
    ...{ k: 5, alphaPreference: 3, alphaConfidence: 4, beta: 8 },
  };
  for (const level of ['exchangeable', 'identified'] as const) {
    const { summary } = simulate({ ...spec, level }, { digestOf });
    t.is(summary.violations.seen, 30);
    t.is(summary.violations.high, 1);
    t.is(summary.bound?.overall, 1);
  }
});

test('no bound is claimed where rounds are not in lock-step or weights differ', (t) => {
  const base: SimulationSpec = { ...SMALL, level: 'identified', runs: 2 };
  t.is(simulate({ ...base, loss: 0.01 }, { digestOf }).summary.bound, null);
  t.is(simulate({ ...base, weights: 'pareto' }, { digestOf }).summary.bound, null);
  const crash = { share: 0.1, from: 0, until: 10 };
  t.is(simulate({ ...base, crash }, { digestOf }).summary.bound, null);
});

test('a spec that cannot be simulated is refused with the inequality it violates', (t) => {
  const refused: readonly (readonly [Partial<SimulationSpec>, RegExp])[] = [
    [{ n: 3 }, /^n >= 4, but n = 3/],
    [{ n: 100_000_000 }, /^n <= 10000000 for exchangeable/],
    [{ n: 2_000_000, level: 'identified' }, /^n <= 1000000 for identified/],
    [{ n: 100_000, level: 'identified', weights: 'pareto' }, /^n <= 65536 for pareto weights/],
    [{ k: 21, n: 20 }, /^k <= n/],
    [{ k: 2000 }, /^1 <= k <= 1000/],
    [{ alphaPreference: 10 }, /^k\/2 < alphaPreference/],
    [{ alphaPreference: 16 }, /^alphaPreference <= alphaConfidence/],
    [{ alphaPreference: 21 }, /^alphaPreference <= k/],
    [{ alphaConfidence: 21 }, /^alphaConfidence <= k/],
    [{ alphaConfidence: 15.5 }, /^1 <= alphaConfidence <= 20, whole/],
    [{ beta: 0 }, /^1 <= beta <=/],
    [{ adversaryShare: 1.5 }, /^0 <= adversaryShare <= 1/],
    [{ adversaryShare: 1 }, /^adversaryShare < 1/],
    [{ split: -0.1 }, /^0 <= split <= 1/],
    [{ split: Number.NaN }, /^0 <= split <= 1/],
    [{ loss: 1 }, /^loss < 1/],
    [{ loss: 0.1 }, /need level identified/],
    [{ weights: 'pareto' }, /needs? level identified/],
    [
      { weights: 'pareto', engine: 'simplex', level: 'message' },
      /^weights pareto need engine snow/,
    ],
    [{ n: 1001, level: 'message' }, /^n <= 1000 for message/],
    [{ delayMs: 0 }, /^1 <= delayMs/],
    [{ engine: 'simplex', level: 'message', adversary: 'holder' }, /needs engine snow/],
    [{ engine: 'simplex' }, /^engine simplex needs level message/],
    [{ adversary: 'equivocator' }, /^adversary equivocator needs engine simplex/],
    [{ adversary: 'holder' }, /^adversary holder needs adversaryShare/],
    [{ adversary: 'crook' as 'echo' }, /^adversary "crook" is unknown: it is silent, /],
    [{ seed: -1 }, /^0 <= seed/],
    [{ runs: 0 }, /^1 <= runs/],
    [{ level: 'identified', crash: { share: 2, from: 0, until: 9 } }, /crash.share <= 1/],
    [{ level: 'identified', crash: { share: 1, from: 9, until: 9 } }, /crash.from < crash.until/],
  ];
  for (const [change, message] of refused) {
    const spec = { ...DEFAULT_SPEC, ...change };
    t.regex(specObjection(spec) ?? 'taken', message);
    t.throws(() => simulate(spec, { digestOf }), { instanceOf: RangeError, message });
  }
  t.is(specObjection(DEFAULT_SPEC), undefined);
});
