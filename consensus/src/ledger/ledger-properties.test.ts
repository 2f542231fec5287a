import type { ChainBlock, ChainEntry, Digest } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { applyBlock } from './apply-block.ts';
import { type ChainState, finalPatterns, nextEpoch } from './chain-state.ts';
import { claimsOf } from './claims.ts';
import { conflicts } from './conflict.ts';
import {
  blockOn,
  extended,
  membershipEntry,
  modelEntry,
  newChain,
  patternEntry,
  settingEntry,
  TOY_RULES,
} from './ledger-fixture.ts';
import { selectEntries } from './select-entries.ts';
import { decodeState, encodeState } from './snapshot.ts';
import { stateRootOf } from './state-root.ts';

/** What members may try to enter: centroids on a line, close enough to conflict often. */
interface Wish {
  readonly kind: 'pattern' | 'model' | 'setting' | 'membership';
  readonly x: number;
  readonly bounds: number;
  /** Supersedes what is near instead of conflicting with it. */
  readonly supersedes: boolean;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  kind: fc.constantFrom('pattern', 'pattern', 'pattern', 'model', 'setting', 'membership'),
  x: fc.integer({ min: 0, max: 60 }),
  bounds: fc.integer({ min: 880_000, max: 1_000_000 }),
  supersedes: fc.boolean(),
});
const rounds = fc.array(fc.array(wish, { maxLength: 6 }), { minLength: 1, maxLength: 10 });

function entryOf(state: ChainState, { bounds, kind, supersedes, x }: Wish): ChainEntry {
  if (kind === 'model') return modelEntry(state, x % 12);
  if (kind === 'setting') return settingEntry(state, { base: x % 3, name: `s${x % 4}` });
  if (kind === 'membership') {
    return membershipEntry(state.membership.rosterSeq + 1, [x % 5, 5, 6, 7, 8 + (x % 2)].sort());
  }
  const centroid = Uint8Array.of(x, 20, 30, 40);
  const plain = patternEntry(state, { bounds, pattern: { centroid } });
  if (!supersedes) return plain;
  const near = finalPatterns(state)
    .filter(({ pattern }) => conflicts(pattern, plain.proposal.pattern, state.rules))
    .map(({ id }) => id);
  return patternEntry(state, { bounds, pattern: { centroid }, supersedes: near });
}

/** A chain that grows by these wishes, as an honest leader selects them. */
function grown(wishes: readonly (readonly Wish[])[]) {
  let state = newChain(5, { rules: { expiryHeights: 8 } });
  const blocks: ChainBlock[] = [];
  const states = [state];
  for (const round of wishes) {
    const pool = round.map((each) => entryOf(state, each));
    const entries = selectEntries(state, pool, TOY_RULES);
    blocks.push(blockOn(state, entries));
    const behind = extended(state, ...entries);
    state = nextEpoch(behind) ?? behind;
    states.push(state);
  }
  return { blocks, states };
}

const rootOf = (state: ChainState) => stateRootOf(state, TOY_RULES.digestOf);

test('whoever replays the same blocks has the same root, and nobody without them', (t) => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      const { blocks, states } = grown(wishes);
      let state = newChain(5, { rules: { expiryHeights: 8 } });
      for (const [i, block] of blocks.entries()) {
        const behind = applyBlock(state, structuredClone(block), TOY_RULES);
        if (!behind.ok) return t.fail(behind.refusal.detail);
        state = nextEpoch(behind.value) ?? behind.value;
        t.is(rootOf(state), rootOf(states[i + 1] as ChainState));
      }
      const roots = states.map(rootOf);
      t.is(new Set(roots).size, roots.length);
    }),
    { numRuns: 35 },
  );
});

test('no two final patterns conflict, in whatever state a chain can reach', (t) => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const state of grown(wishes).states) {
        const finals = finalPatterns(state);
        for (const [i, a] of finals.entries()) {
          for (const b of finals.slice(i + 1)) {
            t.false(conflicts(a.pattern, b.pattern, state.rules));
          }
        }
      }
    }),
    { numRuns: 35 },
  );
});

test('what a pattern supersedes is superseded by it, all of it, and nothing else is', (t) => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const { patterns } of grown(wishes).states) {
        const claimed = new Map<Digest, Digest>();
        for (const { record } of patterns.values()) {
          for (const id of record.supersedes) {
            t.false(claimed.has(id));
            claimed.set(id, record.id);
          }
        }
        for (const { record } of patterns.values()) {
          t.is(record.supersededBy, claimed.get(record.id) ?? null);
        }
      }
    }),
    { numRuns: 35 },
  );
});

test('the books match what is kept, and a better bound alone ever replaces one', (t) => {
  fc.assert(
    fc.property(rounds, (wishes) => {
      for (const { books, patterns, rules } of grown(wishes).states) {
        const records = [...patterns.values()].map(({ record }) => record);
        const retired = records.filter(({ supersededBy }) => supersededBy !== null);
        t.is(books.included, books.forgotten + records.length);
        t.is(books.superseded, books.forgotten + retired.length);
        for (const { boundMicros, supersededBy } of retired) {
          const winner = supersededBy === null ? undefined : patterns.get(supersededBy)?.record;
          t.true((winner?.boundMicros ?? 0) >= boundMicros + rules.marginMicros);
        }
      }
    }),
    { numRuns: 35 },
  );
});

test('who joins by a snapshot at any height goes on to the same roots', (t) => {
  fc.assert(
    fc.property(rounds, fc.nat(), (wishes, drawn) => {
      const { blocks, states } = grown(wishes);
      const memberships = new Map(states.map(({ membership }) => [membership.digest, membership]));
      const { genesis, rules } = states[0] as ChainState;
      const at = drawn % blocks.length;
      const before = states[at] as ChainState;
      const block = blocks[at] as ChainBlock;
      const applied = applyBlock(before, block, TOY_RULES);
      if (!applied.ok) return t.fail(applied.refusal.detail);
      const { digestOf } = TOY_RULES;
      const snapshot = encodeState(applied.value);
      const joined = decodeState(snapshot, { block, digestOf, genesis, memberships, rules });
      if (!joined.ok) return t.fail(joined.refusal.detail);
      let state = nextEpoch(joined.value) ?? joined.value;
      for (const [i, later] of blocks.slice(at + 1).entries()) {
        const behind = applyBlock(state, later, TOY_RULES);
        if (!behind.ok) return t.fail(behind.refusal.detail);
        state = nextEpoch(behind.value) ?? behind.value;
        t.is(rootOf(state), rootOf(states[at + 2 + i] as ChainState));
      }
    }),
    { numRuns: 30 },
  );
});

test('one unverified signature anywhere in a block refuses it', (t) => {
  fc.assert(
    fc.property(rounds, fc.nat(), (wishes, drawn) => {
      let state = newChain(5, { rules: { expiryHeights: 8 } });
      for (const block of grown(wishes).blocks) {
        const claims = claimsOf(block, TOY_RULES.digestOf);
        const doubted = claims[drawn % Math.max(1, claims.length)];
        const isSigned: typeof TOY_RULES.isSigned = (claim) =>
          !(claim.member === doubted?.member && claim.type === doubted.type);
        const verdict = applyBlock(state, block, { ...TOY_RULES, isSigned });
        t.is(verdict.ok, doubted === undefined);
        const behind = applyBlock(state, block, TOY_RULES);
        if (!behind.ok) return t.fail(behind.refusal.detail);
        state = nextEpoch(behind.value) ?? behind.value;
      }
    }),
    { numRuns: 30 },
  );
});
