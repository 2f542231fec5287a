import type { ChainRules } from '@starling/shared';
import test from 'ava';
import { PROPOSED_AGAIN_MS, PROPOSED_MAX, ProposedBefore } from './proposed-before.ts';

const RULES = { conflictRadius: 10, marginMicros: 1_000 } as ChainRules;

function candidate(x: number, expectedRecallMicros = 900_000, y = 0) {
  const measured = { cost: 1, efSearch: 10, k: 10, queries: 50, radius: 1, expectedRecallMicros };
  const centroid = Uint8Array.of(x, y);
  return { pattern: { ...measured, centroid, collection: 'documents' }, supersedes: [] };
}

test('a pattern near one that was proposed is not proposed again, unless it is better', (t) => {
  const before = new ProposedBefore();
  t.is(before.fresh([candidate(0), candidate(100)], RULES, 0).length, 2);
  t.is(before.fresh([candidate(3), candidate(100, 900_999)], RULES, 1).length, 0);
  t.is(before.fresh([candidate(4), candidate(100, 901_000)], RULES, 2).length, 2);
});

test('after an hour it may be', (t) => {
  const before = new ProposedBefore();
  before.fresh([candidate(0)], RULES, 5);
  t.is(before.fresh([candidate(0)], RULES, 4 + PROPOSED_AGAIN_MS).length, 0);
  t.is(before.fresh([candidate(0)], RULES, 5 + PROPOSED_AGAIN_MS).length, 1);
});

test('a bounded number of proposals is remembered, the newest', (t) => {
  const before = new ProposedBefore();
  const many = Array.from({ length: PROPOSED_MAX + 1 }, (_, i) =>
    candidate(4 * (i % 30), 900_000, 4 * Math.floor(i / 30)),
  );
  t.is(before.fresh(many, RULES, 0).length, PROPOSED_MAX + 1);
  t.is(before.fresh(many.slice(-PROPOSED_MAX), RULES, 0).length, 0);
  t.is(before.fresh(many.slice(0, 1), RULES, 0).length, 1);
});
