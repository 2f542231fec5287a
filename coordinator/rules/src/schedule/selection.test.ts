import type { MemberId } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { type Candidate, drawCohort, STARVED_TURNS } from './selection.ts';

function candidate(i: number, changes: Partial<Candidate> = {}): Candidate {
  const member = String(i).padStart(3, '0') as MemberId;
  return { member, answered: 0, asked: 0, examples: 100, waitedRounds: 0, ...changes };
}

/** How often each is drawn in rounds of other seeds. */
function counts(candidates: readonly Candidate[], size: number, rounds = 2_000): number[] {
  const drawn = candidates.map(() => 0);
  for (let seed = 1; seed <= rounds; seed++) {
    const { chosen } = drawCohort(candidates, size, seed);
    for (const [i, { member }] of candidates.entries()) {
      if (chosen.includes(member)) drawn[i] = (drawn[i] ?? 0) + 1;
    }
  }
  return drawn;
}

test('a draw has the size asked for, nobody twice, and depends on no order', (t) => {
  const candidates = fc.array(
    fc.record({
      i: fc.nat(99),
      examples: fc.nat(2 ** 30),
      waitedRounds: fc.nat(200),
      asked: fc.nat(16),
      answered: fc.nat(16),
    }),
    { minLength: 1, maxLength: 100 },
  );
  fc.assert(
    fc.property(candidates, fc.integer({ min: 1, max: 40 }), fc.nat(2 ** 31), (raw, size, seed) => {
      const byId = new Map(raw.map(({ i, ...rest }) => [i, candidate(i, rest)]));
      const all = [...byId.values()];
      const { chosen, scores } = drawCohort(all, size, seed);
      t.is(new Set(chosen).size, Math.min(size, all.length));
      t.deepEqual(chosen, [...chosen].sort());
      t.is(scores.length, all.length);
      t.deepEqual(drawCohort([...all].reverse(), size, seed).chosen, chosen);
    }),
    { numRuns: 50 },
  );
});

test('of two that are alike, the larger, the more reliable and the longer waiting is drawn more', (t) => {
  const more: readonly Partial<Candidate>[] = [
    { examples: 300 },
    { asked: 10, answered: 10 },
    { waitedRounds: 3 },
  ];
  for (const changes of more) {
    const plain = candidate(1, { asked: 10, answered: 5 });
    const [favoured = 0, other = 0] = counts(
      [candidate(0, { ...plain, ...changes, member: candidate(0).member }), plain],
      1,
    );
    t.true(favoured > 1.3 * other, `${JSON.stringify(changes)}: ${favoured} against ${other}`);
  }
});

test('a site that claims a thousand times the data is not drawn a thousand times as often', (t) => {
  const [large = 0, ...small] = counts(
    [candidate(0, { examples: 2 ** 30 }), ...[1, 2, 3, 4].map((i) => candidate(i))],
    1,
  );
  const mean = small.reduce((sum, each) => sum + each, 0) / small.length;
  t.true(large < 5 * mean);
});

test('nobody starves: the smallest and least reliable is asked within its turns', (t) => {
  const size = 2;
  const sites = Array.from({ length: 10 }, (_, i) => i);
  const last = new Map(sites.map((i) => [i, 0]));
  let longest = 0;
  for (let round = 1; round <= 400; round++) {
    const candidates = sites.map((i) =>
      candidate(i, {
        examples: i === 0 ? 1 : 10_000,
        asked: 16,
        answered: i === 0 ? 0 : 16,
        waitedRounds: round - 1 - (last.get(i) ?? 0),
      }),
    );
    const { chosen } = drawCohort(candidates, size, round);
    for (const i of sites) {
      if (!chosen.includes(candidate(i).member)) continue;
      longest = Math.max(longest, round - (last.get(i) ?? 0));
      last.set(i, round);
    }
  }
  t.true(longest <= STARVED_TURNS * (10 / size) + 10 / size, `${longest} rounds`);
});
