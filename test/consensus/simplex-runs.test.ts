// The attack on Simplex that the suite repeats: 2,000 seeded clusters with F liars find nothing, and
// with one liar more the same search finds members that decided differently.

import { faultTolerance, runMessageLevel } from '@starling/consensus';
import test from 'ava';
import { plannedRun, summarise } from './simplex-plan.ts';

const SIZES = [
  [4, 1, 600],
  [7, 1001, 500],
  [10, 2001, 400],
  [13, 3001, 260],
  [16, 4001, 200],
  [30, 5001, 30],
  [64, 6001, 6],
  [100, 7001, 4],
] as const;

for (const [members, firstSeed, runs] of SIZES) {
  const liars = faultTolerance(members);
  test(`${runs} clusters of ${members} with F = ${liars} liars, losses, crashes and partitions agree`, (t) => {
    const specs = seeds(firstSeed, runs).map((seed) => plannedRun(seed, members));
    const { violations, undecided } = summarise(specs);
    t.deepEqual({ violations, undecided }, { violations: [], undecided: [] });
  });
}

for (const members of [4, 7, 10, 16]) {
  const liars = faultTolerance(members) + 1;
  test(`one liar too many splits clusters of ${members}: the search can fail`, (t) => {
    const specs = seeds(1, 40).map((seed) => ({
      seed,
      members,
      byzantine: liars,
      adversary: 'equivocator' as const,
      limitMs: 10_000,
    }));
    t.true(summarise(specs).violations.length > 0);
  });
}

test('a run is the same every time, and another one with another seed', (t) => {
  const [first, again, other] = [1, 1, 2].map((seed) => runMessageLevel(plannedRun(seed, 7)));
  t.deepEqual(first, again);
  t.not(first?.digest, other?.digest);
});

function seeds(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}
