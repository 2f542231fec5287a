import { readFileSync } from 'node:fs';
import test from 'ava';
import { crashTolerance, faultTolerance, quorumSize } from '../quorum.ts';
import { certificateBytes } from './certificate-size.ts';
import { committeeFailure } from './committee.ts';
import { fullPollFor } from './full-polling.ts';
import { expectedRun, parametersFor } from './parameters-for.ts';

/** n, f, k, alphaPreference, alphaConfidence, β. */
const ROWS = [
  [4, 0, 3, 2, 3, 1],
  [5, 0, 3, 2, 3, 20],
  [6, 1, 5, 3, 5, 1],
  [6, 0, 3, 2, 3, 25],
  [7, 1, 6, 4, 5, 1],
  [7, 0, 3, 2, 3, 30],
  [10, 1, 7, 4, 6, 25],
  [10, 0, 4, 3, 4, 25],
  [13, 2, 10, 6, 8, 25],
  [13, 1, 8, 5, 7, 20],
  [16, 3, 14, 8, 12, 1],
  [16, 1, 9, 5, 8, 25],
  [20, 3, 16, 9, 15, 1],
  [20, 1, 10, 6, 9, 25],
  [25, 4, 20, 11, 16, 20],
  [25, 2, 14, 8, 12, 25],
  [30, 5, 24, 13, 19, 25],
  [30, 2, 16, 9, 14, 20],
  [50, 9, 40, 21, 31, 30],
  [50, 4, 20, 11, 17, 25],
  [100, 19, 69, 35, 53, 30],
  [100, 9, 22, 12, 18, 30],
  [200, 39, 103, 52, 79, 25],
  [200, 19, 22, 12, 18, 25],
  [300, 29, 20, 11, 16, 30],
  [500, 49, 20, 11, 16, 30],
] as const;

test('the smallest safe and live polls are those of the table', (t) => {
  for (const [n, faulty, ...wanted] of ROWS) {
    const found = parametersFor(n, faulty);
    t.deepEqual(
      [found?.k, found?.alphaPreference, found?.alphaConfidence, found?.beta],
      [...wanted],
      `n = ${n}, f = ${faulty}`,
    );
    t.true((found?.boundPerRound ?? 1) <= 1e-15);
    t.true((found?.expectedRounds ?? 1000) <= 60);
  }
});

test("the table of the room's README is what is computed", (t) => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const sizes = [3, 4, 5, 6, 7, 10, 13, 16, 20, 25, 30, 50, 100, 200, 300, 500, 1000];
  for (const n of sizes) t.true(readme.includes(rowOf(n)), rowOf(n));
});

test('a fifth of corrupt peers among hundreds needs samples of more than a hundred', (t) => {
  t.is(parametersFor(300, 59)?.k, 124);
  t.is(parametersFor(500, 99)?.k, 143);
  t.is(parametersFor(1000, 99)?.k, 19);
});

test('no poll is safe and live when a third of a hundred peers is corrupt', (t) => {
  t.is(parametersFor(100, 33), undefined);
  t.is(parametersFor(10, 3), undefined);
});

test('a looser target needs a smaller sample', (t) => {
  const loose = parametersFor(100, 9, 1e-6)?.k ?? 100;
  t.true(loose < (parametersFor(100, 9)?.k ?? 0));
});

test('a run of successes is expected after (1 - p^b) / (p^b (1 - p)) polls', (t) => {
  t.is(expectedRun(1, 20), 20);
  t.is(expectedRun(0.5, 1), 2);
  t.is(expectedRun(0.5, 3), 14);
});

test('certificates have the sizes of the table', (t) => {
  const table = [
    [3, 7],
    [4, 10],
    [7, 16],
    [10, 23],
    [16, 36],
    [30, 65],
    [50, 111],
    [100, 219],
    [200, 438],
    [300, 654],
  ] as const;
  for (const [n, kibibytes] of table) t.is(Math.round(certificateBytes(n) / 1024), kibibytes);
});

test('committees of a thousand peers fail as rarely as computed', (t) => {
  const table = [
    [0.1, 64, 3e-8],
    [0.1, 100, 2e-12],
    [0.1, 128, 6e-16],
    [0.15, 128, 9e-9],
    [0.2, 128, 7e-5],
    [0.2, 200, 3e-7],
    [0.25, 128, 1e-2],
  ] as const;
  for (const [share, size, wanted] of table) {
    const ratio = committeeFailure(1000, share * 1000, size) / wanted;
    t.true(ratio > 0.7 && ratio < 1.4, `${share}, ${size}: ${ratio}`);
  }
  t.throws(() => committeeFailure(100, 10, 101), { message: /m <= n/ });
  t.throws(() => committeeFailure(100, 101, 10), { message: /0 <= f <= n/ });
});

function rowOf(n: number): string {
  const full = fullPollFor(n);
  const everybody = `f = ${full.faulty}: ${full.alphaPreference}/${full.alphaConfidence}`;
  const kilobytes = Math.round(certificateBytes(n) / 1024);
  const sampled = [5, 10].map((part) => {
    const faulty = Math.ceil(n / part) - 1;
    const found = n < 4 ? undefined : parametersFor(n, faulty);
    if (found === undefined) return '–';
    const { alphaConfidence, alphaPreference, beta, k } = found;
    return `f = ${faulty}: ${k}, ${alphaPreference}/${alphaConfidence}, ${beta}`;
  });
  const counts = [n, faultTolerance(n), quorumSize(n), crashTolerance(n), `${kilobytes} KB`];
  return `| ${[...counts, n <= 30 ? everybody : '–', ...sampled].join(' | ')} |`;
}
