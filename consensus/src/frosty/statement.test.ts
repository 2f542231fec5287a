import { fc } from '@fast-check/ava';
import type { Digest } from '@starling/shared';
import test from 'ava';
import { carriedSupport } from '../bounds/carry-over.ts';
import { ERAS_MAX } from './era.ts';
import {
  isWellFormedStatement,
  START_ABOVE_MAX,
  START_BELOW_MAX,
  type StartingVote,
  sameStatement,
  startingBlock,
  supports,
} from './statement.ts';

const ids = (text: string) => text.split('') as Digest[];
const vote = (chain: string, fromHeight = 0, decidedHeight = fromHeight): StartingVote => ({
  fromHeight,
  ids: ids(chain),
  decidedHeight,
});

test('an era starts on the highest block that more than half of the votes run through', (t) => {
  const votes = ['rax', 'ray', 'raz', 'rb', 'rb'].map((chain) => vote(chain));
  t.deepEqual(startingBlock(votes), { id: 'a' as Digest, height: 1 });
});

test('half of the votes are not enough', (t) => {
  const votes = ['ra', 'ra', 'rb', 'rb'].map((chain) => vote(chain));
  t.deepEqual(startingBlock(votes), { id: 'r' as Digest, height: 0 });
});

test('votes from members that decided more or less count for the blocks they have in common', (t) => {
  const votes = [vote('ra', 0, 1), vote('rab', 0, 1), vote('abc', 1, 2), vote('bc', 2, 2)];
  t.deepEqual(startingBlock(votes), { id: 'b' as Digest, height: 2 });
});

test('votes without a block in common start nothing', (t) => {
  t.is(startingBlock([]), undefined);
  t.is(startingBlock([vote('a'), vote('b')]), undefined);
});

test('what enough honest members prefer is kept, whichever n - f votes are taken', (t) => {
  const cluster = fc
    .integer({ min: 4, max: 40 })
    .chain((n) =>
      fc.record({ n: fc.constant(n), f: fc.nat(Math.floor((n - 1) / 3)), seed: fc.integer() }),
    );
  fc.assert(
    fc.property(cluster, ({ n, f }) => {
      const support = carriedSupport(n, f);
      if (support > n - f) return;
      const kept = { id: 'a' as Digest, height: 1 };
      const friends = Array.from({ length: support }, (_, i) => vote(i % 2 === 0 ? 'ra' : 'ray'));
      const others = Array.from({ length: n - support }, () => vote('rbx'));
      // The worst choice: everyone against it, and as few for it as make n - f.
      const votes = [...others, ...friends].slice(0, n - f);
      t.true(votes.filter((each) => supports(each, kept)).length * 2 > votes.length);
      t.is(startingBlock(votes)?.id, kept.id);
    }),
  );
});

test('one supporter less and the worst choice of votes loses the block', (t) => {
  for (const [n, f] of [
    [7, 1],
    [10, 1],
    [20, 3],
  ] as const) {
    const support = carriedSupport(n, f) - 1;
    const friends = Array.from({ length: support }, () => vote('ra'));
    const others = Array.from({ length: n - support }, () => vote('rb'));
    t.not(startingBlock([...others, ...friends].slice(0, n - f))?.id, 'a' as Digest);
  }
});

test('a chain is at most as long as its limits, around a decided block of its own', (t) => {
  const of = (start: StartingVote) => isWellFormedStatement({ era: 0, start });
  const longest = 'x'.repeat(START_BELOW_MAX + 1 + START_ABOVE_MAX);
  t.true(of(vote(longest, 5, 5 + START_BELOW_MAX)));
  t.false(of(vote(`${longest}x`, 5, 5 + START_BELOW_MAX)));
  t.false(of(vote(longest, 5, 6 + START_BELOW_MAX)));
  t.false(of(vote('abc', 5, 4)));
  t.false(of(vote('abc', 5, 8)));
  t.false(of(vote('abc', -1, 0)));
  t.false(of(vote('abc', 0.5, 1)));
});

test('only even eras end by statements', (t) => {
  const start = vote('r');
  t.true(isWellFormedStatement({ era: 2, start }));
  for (const era of [1, -2, 0.5, ERAS_MAX, Number.NaN]) {
    t.false(isWellFormedStatement({ era, start }));
  }
});

test('statements are the same only in every field', (t) => {
  const one = { era: 0, start: vote('ab', 1, 1) };
  t.true(sameStatement(one, { era: 0, start: vote('ab', 1, 1) }));
  const others = [vote('ab', 1, 2), vote('ab', 0, 1), vote('ac', 1, 1), vote('a', 1, 1)];
  for (const start of others) t.false(sameStatement(one, { era: 0, start }));
  t.false(sameStatement(one, { era: 2, start: vote('ab', 1, 1) }));
  t.false(sameStatement(one, { era: 0, start: undefined }));
});
