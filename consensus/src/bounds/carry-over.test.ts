import test from 'ava';
import { carriedParametersFor, carriedSupport, carryOverBound } from './carry-over.ts';
import { parametersFor } from './parameters-for.ts';
import { safetyBound } from './safety-bound.ts';

test('more than half of n + f honest members carry a block over', (t) => {
  t.deepEqual(
    [
      [4, 0],
      [7, 1],
      [10, 1],
      [20, 3],
      [100, 19],
    ].map(([n = 0, f = 0]) => carriedSupport(n, f)),
    [3, 5, 6, 12, 60],
  );
});

test('the bound with the change of epochs is never below the one of polls alone', (t) => {
  for (const [n, f] of [
    [5, 0],
    [7, 1],
    [10, 1],
    [13, 2],
    [30, 5],
  ] as const) {
    const poll = parametersFor(n, f);
    if (poll === undefined) throw new Error(`no parameters for ${n}, ${f}`);
    t.true(carryOverBound(poll) >= safetyBound(poll).perRound);
  }
});

const safeAlone: readonly (readonly [number, number])[] = [
  [7, 1],
  [16, 3],
  [50, 9],
];
for (const [n, f] of safeAlone) {
  test(`the table's polls for ${n} members with ${f} liars are safe, but a change may lose blocks`, (t) => {
    const poll = parametersFor(n, f);
    if (poll === undefined) throw new Error('the table has them');
    t.true(safetyBound(poll).perRound <= 1e-15);
    t.true(carryOverBound(poll) > 1e-10);
  });
}

const found = [
  [4, 0, 3, 2, 3, 1],
  [6, 1, 5, 3, 5, 1],
  [7, 1, 5, 3, 4, 60],
  [10, 1, 6, 4, 5, 40],
  [13, 2, 10, 6, 8, 25],
  [16, 3, 14, 8, 13, 1],
  [20, 3, 14, 8, 11, 60],
  [30, 5, 24, 13, 19, 25],
] as const;
for (const [n, f, k, alphaPreference, alphaConfidence, beta] of found) {
  test(`${n} members with ${f} liars: ${k}, ${alphaPreference}/${alphaConfidence}, ${beta}`, (t) => {
    const poll = carriedParametersFor(n, f);
    t.like(poll, { k, alphaPreference, alphaConfidence, beta });
    t.true((poll?.boundPerRound ?? 1) <= 1e-15);
    t.true((poll?.expectedRounds ?? 61) <= 60);
  });
}

test('with a quarter of liars there are no such parameters', (t) => {
  t.is(carriedParametersFor(8, 2), undefined);
});
