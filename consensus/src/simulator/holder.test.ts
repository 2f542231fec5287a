import test from 'ava';
import { wilsonInterval } from '../bounds/rate-interval.ts';
import { safetyBoundOver } from '../bounds/safety-bound.ts';
import { ExchangeableNetwork } from './exchangeable.ts';
import { Xoshiro128 } from './xoshiro.ts';

interface Cell {
  readonly n: number;
  readonly faulty: number;
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
}

test('a holder stays under the bound of the poll in every cell', (t) => {
  let meaningful = 0;
  for (const cell of grid()) {
    const rounds = cell.beta + 20;
    const bound = safetyBoundOver(cell, rounds);
    const honest = cell.n - cell.faulty;
    for (const share of [0.5, 0.6, 0.7]) {
      const seen = violations(cell, Math.round(share * honest), rounds, 40);
      const { low } = wilsonInterval(seen, 40);
      t.true(low <= bound, `${JSON.stringify(cell)}: ${seen} of 40, bound ${bound}`);
    }
    if (bound < 1) meaningful++;
  }
  t.true(meaningful >= 40, `${meaningful} cells have a bound below 1`);
});

test('a holder breaks small samples as often as published', (t) => {
  const published: readonly (readonly [Cell, level: number, low: number, high: number])[] = [
    [cellOf(50, 9, 5, 3, 4, 8), 24, 0.45, 0.75],
    [cellOf(100, 19, 5, 3, 4, 8), 60, 0.97, 1],
    [cellOf(20, 6, 10, 6, 8, 15), 11, 0.6, 0.85],
    [cellOf(30, 9, 10, 6, 8, 15), 14, 0.97, 1],
    [cellOf(100, 33, 20, 11, 15, 20), 49, 0.97, 1],
  ];
  for (const [cell, level, low, high] of published) {
    const rate = violations(cell, level, 500, 60) / 60;
    t.true(rate >= low && rate <= high, `${JSON.stringify(cell)}: ${rate}`);
  }
});

test('a holder with a fifth of the peers breaks no sample of twenty', (t) => {
  for (const [n, faulty] of [
    [20, 3],
    [30, 5],
    [50, 9],
  ] as const) {
    const cell = cellOf(n, faulty, 20, 11, 15, 20);
    for (const share of [0.55, 0.65, 0.75]) {
      t.is(violations(cell, Math.round(share * (n - faulty)), 200, 20), 0, `n = ${n}`);
    }
  }
});

function* grid(): Iterable<Cell> {
  for (const n of [12, 20, 40]) {
    for (const faulty of [1, 2, Math.floor((n - 1) / 5), Math.floor((n - 1) / 3)]) {
      for (const k of [5, 10]) {
        for (const alphaConfidence of [k - 2, k - 1, k]) {
          for (const beta of [2, 4, 8]) {
            yield cellOf(n, faulty, k, Math.floor(k / 2) + 1, alphaConfidence, beta);
          }
        }
      }
    }
  }
}

function cellOf(
  ...[n, faulty, k, alphaPreference, alphaConfidence, beta]: [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
): Cell {
  return { n, faulty, k, alphaPreference, alphaConfidence, beta };
}

function violations(cell: Cell, level: number, roundsMax: number, runs: number): number {
  const network = new ExchangeableNetwork({
    ...cell,
    support: level,
    adversary: 'holder',
    level,
    roundsMax,
  });
  let seen = 0;
  for (let run = 0; run < runs; run++) {
    if (network.run(Xoshiro128.seeded(level, run)).ending === 'conflict') seen++;
  }
  return seen;
}
