import type { Digest, Pattern, PatternEntry } from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import {
  type ChainState,
  finalPatterns,
  nextEpoch,
  PATTERNS_MAX,
  RETIRED_MAX,
} from './chain-state.ts';
import { includePattern, patternObjection } from './include-pattern.ts';
import { inclusionObjection } from './inclusion.ts';
import {
  extended,
  hex,
  idOf,
  memberOf,
  membershipEntry,
  modelDigest,
  modelEntry,
  newChain,
  PATTERN,
  patternEntry,
  TOY_RULES,
  toyDigest,
} from './ledger-fixture.ts';
import { stageOf } from './pattern-stage.ts';

const chain = newChain(4);
const first = patternEntry(chain);
const one = extended(chain, first);
const near = Uint8Array.of(12, 20, 30, 40);
const far = Uint8Array.of(90, 20, 30, 40);

function refusedAs(
  t: ExecutionContext,
  entry: PatternEntry,
  reason: string | undefined,
  state: ChainState = one,
): void {
  t.is(inclusionObjection(entry, state, TOY_RULES)?.reason as string | undefined, reason);
}

const impossible: readonly (readonly [string, Partial<Pattern>, string])[] = [
  ['a recall above one', { expectedRecallMicros: 1_000_001 }, 'impossible-bound'],
  ['a radius of nothing', { radius: 0 }, 'impossible-bound'],
  ['a radius beyond everything', { radius: 4 * 254 ** 2 + 1 }, 'impossible-bound'],
  ['no neighbours', { k: 0 }, 'impossible-bound'],
  ['more neighbours than its beam is wide', { k: 65 }, 'impossible-bound'],
  ['a beam without end', { efSearch: 65_537 }, 'impossible-bound'],
  ['fewer queries than fifty', { queries: 49 }, 'impossible-bound'],
  ['another dimension', { centroid: Uint8Array.of(1, 2, 3) }, 'wrong-dimension'],
  ['a component of -128', { centroid: Uint8Array.of(1, 2, 3, 0x80) }, 'wrong-shape'],
  ['another collection', { collection: 'images' }, 'wrong-shape'],
];
for (const [title, change, reason] of impossible) {
  test(`a pattern with ${title} is refused as ${reason}`, (t) => {
    t.is(patternObjection({ ...PATTERN, ...change }, chain)?.reason as string, reason);
    t.is(
      inclusionObjection(patternEntry(chain, { pattern: change }), chain, TOY_RULES)?.kind,
      'reject',
    );
  });
}

test('a pattern near a final one is refused, one far from it is not', (t) => {
  refusedAs(t, patternEntry(one, { pattern: { centroid: near } }), 'conflict');
  refusedAs(t, patternEntry(one, { pattern: { centroid: far } }), undefined);
});

test('a pattern stands once', (t) => {
  refusedAs(t, first, 'duplicate');
});

test('only a better bound by the margin supersedes, and only what is near and final', (t) => {
  const better = (bounds: number, supersedes: readonly Digest[], centroid = near) =>
    patternEntry(one, { bounds, pattern: { centroid }, supersedes });
  refusedAs(t, better(910_000, [idOf(first)]), undefined);
  refusedAs(t, better(909_999, [idOf(first)]), 'conflict');
  refusedAs(t, better(910_000, [idOf(first)], far), 'conflict');
  refusedAs(t, better(910_000, [idOf(first), hex(7) as Digest]), 'conflict');
  const fewer = { centroid: near, k: 5 };
  refusedAs(
    t,
    patternEntry(one, { bounds: 950_000, pattern: fewer, supersedes: [idOf(first)] }),
    'conflict',
  );
});

test('superseding retires all it names or nothing', (t) => {
  const second = patternEntry(one, { pattern: { centroid: Uint8Array.of(22, 20, 30, 40) } });
  const two = extended(one, second);
  t.is(finalPatterns(two).length, 2);
  const between = { centroid: Uint8Array.of(16, 20, 30, 40) };
  const partly = patternEntry(two, {
    bounds: 950_000,
    pattern: between,
    supersedes: [idOf(first)],
  });
  refusedAs(t, partly, 'conflict', two);
  const all = [idOf(first), idOf(second)];
  const whole = patternEntry(two, { bounds: 950_000, pattern: between, supersedes: all });
  const behind = extended(two, whole);
  t.deepEqual(
    finalPatterns(behind).map(({ id }) => id),
    [idOf(whole)],
  );
  for (const id of all) t.is(behind.patterns.get(id)?.record.supersededBy, idOf(whole));
  t.deepEqual(behind.books, { forgotten: 0, included: 3, superseded: 2 });
  t.is(finalPatterns(two).length, 2, 'the state before stays as it was');
  const late = patternEntry(behind, { bounds: 990_000, pattern: between, supersedes: all });
  refusedAs(t, late, 'conflict', behind);
});

test('a superseded pattern cannot be included again', (t) => {
  const better = { bounds: 950_000, pattern: { centroid: near }, supersedes: [idOf(first)] };
  refusedAs(t, first, 'duplicate', extended(one, patternEntry(one, better)));
});

test('a proposal expires after its heights and is not valid before its own', (t) => {
  const short = newChain(4, { rules: { expiryHeights: 2 } });
  const entry = patternEntry(short);
  refusedAs(t, patternEntry(short, { height: 1 }), 'not-yet-valid', short);
  refusedAs(t, entry, undefined, extended(short));
  refusedAs(t, entry, 'expired', extended(extended(short)));
});

test('the author is a member of the epoch', (t) => {
  refusedAs(t, patternEntry(chain, { author: 7 }), 'unknown-sender', chain);
  const next = nextEpoch(extended(one, membershipEntry(2, [1, 2, 3, 4]))) ?? one;
  const options = { pattern: { centroid: far } };
  refusedAs(t, patternEntry(next, { ...options, author: 0 }), 'unknown-sender', next);
  refusedAs(t, patternEntry(next, { ...options, author: 4 }), undefined, next);
});

test('attestations by strangers of the epoch are refused', (t) => {
  const next = nextEpoch(extended(chain, membershipEntry(2, [1, 2, 3, 4]))) ?? chain;
  refusedAs(t, patternEntry(chain, { author: 1 }), 'unknown-sender', next);
});

test('parents are patterns and models that stand in the chain', (t) => {
  const state = extended(one, modelEntry(one, 0));
  const child = (parents: readonly Digest[]) =>
    patternEntry(state, { parents, pattern: { centroid: far } });
  refusedAs(t, child([idOf(first), modelDigest(1)]), undefined, state);
  refusedAs(t, child([modelDigest(2)]), 'unknown-block', state);
});

test('the record says who accepted, who rejected and the lowest bound of those that accept', (t) => {
  const entry = patternEntry(chain, {
    bounds: [990_000, 885_000, 100_000, 990_000],
    verdicts: ['accept', 'accept', 'abstain', 'accept'],
  });
  t.like(extended(chain, entry).patterns.get(idOf(entry))?.record, {
    author: memberOf(0),
    boundMicros: 885_000,
    height: 1,
    verdicts: { abstains: 1, accepts: 3, rejects: 0 },
  });
});

/** A state with records that no block made, to reach a limit. */
function crowded(finals: number, retired: number, proposedAt: number): ChainState {
  const patterns = new Map(one.patterns);
  const [record] = [...one.patterns.values()].map((each) => each.record);
  if (record === undefined) return one;
  for (let i = 0; i < finals - 1 + retired; i++) {
    const id = toyDigest(Uint8Array.of(1, i >> 8, i & 255));
    const supersededBy = i < retired ? idOf(first) : null;
    const centroid = Uint8Array.of(127, 127, i >> 7, i & 127);
    const made = { ...record, id, pattern: { ...PATTERN, centroid }, proposedAt, supersededBy };
    patterns.set(id, { bytes: new Uint8Array(0), leaf: id, record: made });
  }
  const books = { forgotten: 0, included: finals + retired, superseded: retired };
  return { ...one, books, patterns, tip: { ...one.tip, height: 1000 } };
}

test('PATTERNS_MAX patterns are final: another one waits, a superseding one does not', (t) => {
  const full = crowded(PATTERNS_MAX, 0, 0);
  const free = { centroid: Uint8Array.of(0x81, 0x81, 0, 0) };
  refusedAs(t, patternEntry(full, { pattern: free }), 'busy', full);
  refusedAs(t, patternEntry(full, { pattern: free }), undefined, crowded(PATTERNS_MAX - 1, 0, 0));
  const better = { bounds: 950_000, pattern: { centroid: near }, supersedes: [idOf(first)] };
  refusedAs(t, patternEntry(full, better), undefined, full);
});

test('RETIRED_MAX superseded patterns are remembered, the oldest that cannot return is forgotten', (t) => {
  const better = { bounds: 950_000, pattern: { centroid: near }, supersedes: [idOf(first)] };
  const old = crowded(1, RETIRED_MAX, 0);
  const change = includePattern(patternEntry(old, better), old, toyDigest);
  if (!change.ok) return t.fail(change.refusal.detail);
  t.is(change.value.forgotten?.length, 1);
  t.is(change.value.books?.forgotten, 1);
  const fresh = crowded(1, RETIRED_MAX, 999);
  refusedAs(t, patternEntry(fresh, better), 'busy', fresh);
});

test('a pattern goes from proposed to attested, included, final and superseded, or expires', (t) => {
  const lone = patternEntry(chain, { verdicts: ['accept'] });
  t.is(stageOf(idOf(lone), lone, { decided: chain }), 'proposed');
  t.is(stageOf(idOf(first), first, { decided: chain }), 'attested');
  t.is(stageOf(idOf(first), first, { decided: chain, tip: one }), 'included');
  t.is(stageOf(idOf(first), first, { decided: one }), 'final');
  const better = { bounds: 950_000, pattern: { centroid: near }, supersedes: [idOf(first)] };
  const after = extended(one, patternEntry(one, better));
  t.is(stageOf(idOf(first), first, { decided: after }), 'superseded');
  const late = { ...chain, tip: { ...chain.tip, height: 100 } };
  t.is(stageOf(idOf(first), first, { decided: late }), 'expired');
});
