import type { Digest } from '@starling/shared';
import test from 'ava';
import { type DecidedMember, digestOfRun, violationsAmong } from './outcome.ts';

function decided(member: number, blocks: readonly string[]): DecidedMember {
  const decisions = blocks.map((block, i) => ({
    block: block as Digest,
    height: i + 1,
    atMs: 100 * i,
    finality: 'certificate' as const,
  }));
  return { member, decisions };
}

test('a disagreement is told once per height, with both members and blocks', (t) => {
  const members = [decided(0, ['a', 'b']), decided(2, ['a', 'c']), decided(5, ['a', 'c'])];
  const violations = violationsAmong(members);
  t.deepEqual(violations as unknown, [{ height: 2, members: [0, 2], blocks: ['b', 'c'] }]);
});

test('members that decided less than others do not disagree', (t) => {
  t.deepEqual(violationsAmong([decided(0, ['a']), decided(1, ['a', 'b']), decided(2, [])]), []);
});

test('the digest tells blocks, members, times and messages apart', (t) => {
  const base = [decided(0, ['a', 'b'])];
  const digests = [
    digestOfRun(base, 7),
    digestOfRun(base, 8),
    digestOfRun([decided(1, ['a', 'b'])], 7),
    digestOfRun([decided(0, ['a', 'c'])], 7),
  ];
  t.is(new Set(digests).size, digests.length);
  for (const digest of digests) t.regex(digest, /^[0-9a-f]{16}$/);
});
