import test from 'ava';
import { type SampledPoll, safetyBound, safetyBoundOver, supportLoss } from './safety-bound.ts';
import { binomialTail, hypergeometricTail, logBinomial } from './tails.ts';

/** n, f, k, alphaPreference, alphaConfidence, β, and the bound per round. */
type Cell = readonly [number, number, number, number, number, number, number];

const DEFAULT = [20, 15, 15, 20] as const;
const DUAL = [20, 11, 15, 20] as const;
const STRICT = [20, 11, 16, 30] as const;
const FROSTY = [80, 41, 72, 12] as const;

const CELLS: readonly Cell[] = [
  [100, 0, ...DEFAULT, 9e-9],
  [100, 5, ...DEFAULT, 3e-6],
  [100, 10, ...DEFAULT, 2.5e-4],
  [100, 19, ...DEFAULT, 5e-2],
  [1000, 0, ...DEFAULT, 2e-16],
  [1000, 50, ...DEFAULT, 1e-11],
  [1000, 100, ...DEFAULT, 2e-7],
  [1000, 199, ...DEFAULT, 5e-2],
  [100, 0, ...DUAL, 2e-15],
  [100, 5, ...DUAL, 2e-10],
  [100, 10, ...DUAL, 2e-6],
  [100, 19, ...DUAL, 7e-2],
  [1000, 0, ...DUAL, 6e-22],
  [1000, 50, ...DUAL, 7e-15],
  [1000, 100, ...DUAL, 4e-9],
  [1000, 199, ...DUAL, 0.25],
  [100, 4, ...STRICT, 3e-19],
  [1000, 50, ...STRICT, 3e-30],
  [100, 9, ...STRICT, 2e-13],
  [1000, 99, ...STRICT, 2e-20],
  [100, 19, ...STRICT, 3e-4],
  [1000, 199, ...STRICT, 1e-5],
  [250, 12, ...FROSTY, 1e-103],
  [250, 25, ...FROSTY, 4e-77],
  [250, 49, ...FROSTY, 4e-36],
  [1000, 199, ...FROSTY, 6e-36],
];

test('the bound has the published figures of four parameter sets', (t) => {
  for (const [n, faulty, k, alphaPreference, alphaConfidence, beta, wanted] of CELLS) {
    const poll = { n, faulty, k, alphaPreference, alphaConfidence, beta };
    const { perRound } = safetyBound(poll);
    const ratio = perRound / wanted;
    t.true(ratio > 0.65 && ratio < 1.5, `${JSON.stringify(poll)}: ${perRound}, not ${wanted}`);
  }
});

test('a third of corrupt peers leaves no sampled set a useful guarantee', (t) => {
  for (const [k, alphaPreference, alphaConfidence, beta] of [DEFAULT, DUAL, STRICT, FROSTY]) {
    const poll = { n: 1000, faulty: 333, k, alphaPreference, alphaConfidence, beta };
    t.true(safetyBound(poll).perRound > 0.05);
  }
});

test('the bound is the least over every threshold and every support above it', (t) => {
  for (const poll of [
    { n: 24, faulty: 2, k: 8, alphaPreference: 5, alphaConfidence: 7, beta: 6 },
    { n: 31, faulty: 4, k: 20, alphaPreference: 11, alphaConfidence: 16, beta: 5 },
    { n: 40, faulty: 0, k: 10, alphaPreference: 6, alphaConfidence: 8, beta: 10 },
  ]) {
    const { perRound } = safetyBound(poll);
    t.true(Math.abs(perRound / boundByWholeSearch(poll) - 1) < 1e-9, JSON.stringify(poll));
  }
});

test('over many rounds the bound adds up, and is never above 1', (t) => {
  const poll = { n: 100, faulty: 10, k: 20, alphaPreference: 11, alphaConfidence: 15, beta: 20 };
  t.is(safetyBoundOver(poll, 500), 500 * safetyBound(poll).perRound);
  t.is(safetyBoundOver(poll, 1e9), 1);
});

test('parameters that break an inequality are refused with it', (t) => {
  const poll = { n: 100, faulty: 10, k: 20, alphaPreference: 11, alphaConfidence: 15, beta: 20 };
  const refused: readonly (readonly [Partial<SampledPoll>, RegExp])[] = [
    [{ alphaPreference: 10 }, /k\/2 < alphaPreference/],
    [{ alphaConfidence: 21 }, /alphaConfidence <= k/],
    [{ alphaPreference: 16 }, /alphaPreference <= alphaConfidence/],
    [{ k: 101 }, /1 <= k <= n/],
    [{ faulty: 100 }, /0 <= f < n/],
    [{ beta: 0 }, /beta >= 1/],
  ];
  for (const [change, message] of refused) {
    t.throws(() => safetyBound({ ...poll, ...change }), { instanceOf: RangeError, message });
  }
});

/** The definition, term by term. */
function boundByWholeSearch(poll: SampledPoll): number {
  const { alphaConfidence, beta, faulty, k, n } = poll;
  const honest = n - faulty;
  let best = 1;
  for (let threshold = Math.floor(honest / 2) + 1; threshold <= honest; threshold++) {
    const q = hypergeometricTail(n, threshold - 1 + faulty, k, alphaConfidence);
    let worst = 0;
    for (let support = threshold; support <= honest; support++) {
      worst = Math.max(worst, lossBelow(poll, support, threshold));
    }
    assertWorstAtThreshold(poll, threshold, worst);
    best = Math.min(best, 2 * honest * q ** beta + 2 * worst);
  }
  return best;
}

function lossBelow(poll: SampledPoll, support: number, threshold: number): number {
  const { alphaPreference, faulty, k, n } = poll;
  const others = n - faulty - support;
  const lose = hypergeometricTail(n, others + faulty, k, alphaPreference);
  const gain = hypergeometricTail(n, support, k, alphaPreference);
  let sum = 0;
  for (let gained = 0; gained <= others; gained++) {
    const lost = support - threshold + gained + 1;
    sum += Math.exp(logBinomial(others, gain, gained)) * binomialTail(support, lose, lost);
  }
  return sum;
}

function assertWorstAtThreshold(poll: SampledPoll, threshold: number, worst: number): void {
  const ratio = supportLoss(poll, threshold) / 2 / worst;
  if (worst > 1e-250 && Math.abs(ratio - 1) > 1e-9) throw new Error(`not monotone: ${ratio}`);
}
