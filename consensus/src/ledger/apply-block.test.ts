import {
  BLOCK_BYTES_MAX,
  type CborValue,
  type ChainBlock,
  chainBlock,
  type Digest,
  decodeCanonical,
  ENTRIES_MAX,
  encodeCanonical,
  equalBytes,
} from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { applyBlock, blockIdOf, buildBlock } from './apply-block.ts';
import { nextEpoch } from './chain-state.ts';
import {
  blockOn,
  extended,
  hex,
  idOf,
  memberOf,
  membershipEntry,
  modelEntry,
  newChain,
  patternEntry,
  settingEntry,
  TOY_RULES,
} from './ledger-fixture.ts';
import { stateRootOf } from './state-root.ts';

const chain = newChain(4);
const apply = (block: ChainBlock) => applyBlock(chain, block, TOY_RULES);
const roots = (state: typeof chain) => stateRootOf(state, TOY_RULES.digestOf);

test('a block of everything gives the state that its root names', (t) => {
  const pattern = patternEntry(chain);
  const entries = [pattern, modelEntry(chain, 0), settingEntry(chain)];
  const block = blockOn(chain, entries);
  const behind = apply(block);
  if (!behind.ok) return t.fail(behind.refusal.detail);
  const state = behind.value;
  t.is(roots(state), block.stateRoot);
  t.like(state.tip, { height: 1, id: blockIdOf(block, TOY_RULES), leader: 0, view: 1 });
  t.like(state.patterns.get(idOf(pattern))?.record, { boundMicros: 900_000, supersededBy: null });
  t.is(state.models.size, 1);
  t.like(state.settings.get('topology')?.record, { number: 1, value: 'ring' });
  t.is(chain.patterns.size, 0, 'the state before stays as it was');
});

test('a block without entries moves the height and nothing else', (t) => {
  const state = extended(chain);
  t.is(state.tip.height, 1);
  t.not(roots(state), roots(chain));
  t.deepEqual([state.patterns.size, state.models.size, state.settings.size], [0, 0, 0]);
});

const misplaced: readonly (readonly [string, Partial<ChainBlock>, string])[] = [
  ['of another collection', { collection: 'images' }, 'wrong-shape'],
  ['of an epoch before', { epoch: 0 }, 'stale-epoch'],
  ['of a later epoch', { epoch: 2 }, 'future-epoch'],
  ['of the height of its parent', { height: 0 }, 'wrong-height'],
  ['above the next height', { height: 2 }, 'wrong-height'],
  ['on an unknown parent', { parent: hex(5) as Digest }, 'unknown-block'],
  ['on another view of its parent', { parentView: 3 }, 'unknown-block'],
  ['of the view of its parent', { view: 0 }, 'stale-round'],
  ['for other members', { membership: hex(5) as Digest }, 'wrong-shape'],
  ['of a stranger', { leader: memberOf(9) }, 'unknown-sender'],
  ['with another root', { stateRoot: hex(5) as Digest }, 'wrong-root'],
];
for (const [title, change, reason] of misplaced) {
  test(`a block ${title} is refused as ${reason}`, (t) => {
    const verdict = apply({ ...blockOn(chain, []), ...change });
    t.is(verdict.ok ? 'ok' : verdict.refusal.reason, reason);
  });
}

test('a block over the limit of bytes or entries is refused as oversized', (t) => {
  const block = blockOn(chain, []);
  const roster = new Uint8Array(BLOCK_BYTES_MAX);
  const large = apply({ ...block, entries: [{ kind: 'membership', roster }] });
  t.is(large.ok ? 'ok' : large.refusal.reason, 'oversized');
  const entries = Array.from({ length: ENTRIES_MAX + 1 }, () => settingEntry(chain));
  const many = apply({ ...block, entries });
  t.is(many.ok ? 'ok' : many.refusal.reason, 'oversized');
});

test('an entry that stands twice is refused, and its place is named', (t) => {
  const entry = patternEntry(chain);
  const twice = { ...blockOn(chain, [entry]), entries: [entry, entry] };
  const verdict = apply(twice);
  t.like(verdict.ok ? {} : verdict.refusal, { reason: 'duplicate' });
  t.regex(verdict.ok ? '' : verdict.refusal.detail, /^entry 1: /);
  const leader = memberOf(0);
  t.false(buildBlock(chain, { entries: [entry, entry], leader, view: 1 }, TOY_RULES).ok);
});

test('one forged signature inside refuses the block', (t) => {
  const forged = Uint8Array.of(0, 0, 0, 0);
  const pattern = patternEntry(chain);
  const [first, ...others] = pattern.attestations;
  if (first === undefined) return t.fail();
  for (const entry of [
    { ...pattern, signature: forged },
    { ...pattern, attestations: [{ ...first, signature: forged }, ...others] },
    { ...settingEntry(chain), signature: forged },
  ]) {
    const verdict = apply({ ...blockOn(chain, []), entries: [entry] });
    t.is(verdict.ok ? 'ok' : verdict.refusal.reason, 'bad-signature');
  }
});

test('membership ends the epoch: nothing follows it in its block or behind', (t) => {
  const change = membershipEntry(2, [1, 2, 3, 4]);
  const block = blockOn(chain, [settingEntry(chain), change]);
  const ended = extended(chain, settingEntry(chain), change);
  const late = { ...block, entries: [change, settingEntry(chain)] };
  const verdict = apply(late);
  t.is(verdict.ok ? 'ok' : verdict.refusal.reason, 'not-permitted');
  const full = { ...blockOn(ended, []), entries: [patternEntry(ended)] };
  const behind = applyBlock(ended, full, TOY_RULES);
  t.is(behind.ok ? 'ok' : behind.refusal.reason, 'not-permitted');
});

test('the next epoch begins on the block that ended the last one, whatever trails it', (t) => {
  const ended = extended(chain, membershipEntry(2, [1, 2, 3, 4]));
  const next = nextEpoch(ended);
  const trailed = nextEpoch(extended(extended(ended)));
  if (next === undefined || trailed === undefined) return t.fail('the epoch has ended');
  t.is(nextEpoch(chain), undefined);
  t.like(next, { epoch: 2, tip: { height: 1, id: ended.tip.id, view: 0 } });
  t.deepEqual(trailed.tip, next.tip);
  t.is(roots(trailed), roots(next));
  t.deepEqual(
    next.membership.members.map(({ member }) => member),
    [1, 2, 3, 4].map(memberOf),
  );
  const block = blockOn(next, [settingEntry(next)]);
  t.like(block, { epoch: 2, height: 2, leader: memberOf(1), parentView: 0, view: 1 });
  t.true(applyBlock(next, block, TOY_RULES).ok);
  const stale = applyBlock(next, blockOn(ended, []), TOY_RULES);
  t.is(stale.ok ? 'ok' : stale.refusal.reason, 'stale-epoch');
});

test('hostile blocks are refused with a reason, and never throw', (t) => {
  const entries = [patternEntry(chain), modelEntry(chain, 0), settingEntry(chain)];
  const block = blockOn(chain, [...entries, membershipEntry(2, [0, 1, 2])]);
  const bytes = encodeCanonical(block as CborValue);
  let shaped = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      (changes) => {
        const other = changes.reduce((all, [at, byte]) => all.with(at, byte), bytes);
        const decoded = decodeCanonical(other, BLOCK_BYTES_MAX);
        const parsed = decoded.ok ? chainBlock.schema.safeParse(decoded.value) : undefined;
        if (parsed?.success !== true) return;
        shaped += 1;
        const verdict = apply(parsed.data);
        t.is(verdict.ok, isRenamed(parsed.data, block));
      },
    ),
    { numRuns: 1500 },
  );
  t.true(shaped > 50, `${shaped} changed blocks had the right shape`);
});

/** The paths to all that is no list and no map. */
function leavesOf(value: unknown, path: readonly (string | number)[] = []): Leaf[] {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) {
    return [{ path, value }];
  }
  return Object.entries(value).flatMap(([key, item]) =>
    leavesOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

interface Leaf {
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

function withLeaf(value: unknown, [key, ...rest]: Leaf['path'], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  if (Array.isArray(value))
    return value.with(Number(key), withLeaf(value[Number(key)], rest, leaf));
  const map = value as Record<string, unknown>;
  return { ...map, [key]: withLeaf(map[key], rest, leaf) };
}

/** Another value of the same kind. */
function strange(value: unknown, drawn: number): unknown {
  if (typeof value === 'number') return [0, 1, value + 1, 2 ** 53 - 1, drawn][drawn % 5];
  if (value instanceof Uint8Array) return drawn % 2 ? value.subarray(1) : value.map((b) => b ^ 1);
  const words = ['accept', 'reject', 'abstain', hex(drawn % 9), memberOf(drawn % 5), 'other'];
  return words[drawn % words.length];
}

test('a block with any one value replaced is refused with a reason, or is another block', (t) => {
  const entries = [patternEntry(chain), modelEntry(chain, 0), settingEntry(chain)];
  const block = blockOn(chain, [...entries, membershipEntry(2, [0, 1, 2])]);
  const leaves = leavesOf(block);
  let judged = 0;
  fc.assert(
    fc.property(fc.nat(leaves.length - 1), fc.nat(1_000_000), (at, drawn) => {
      const leaf = leaves[at];
      if (leaf === undefined) return t.fail();
      const other = withLeaf(block, leaf.path, strange(leaf.value, drawn));
      const parsed = chainBlock.schema.safeParse(other);
      if (!parsed.success) return;
      judged += 1;
      t.is(apply(parsed.data).ok, isRenamed(parsed.data, block));
    }),
    { numRuns: 1500 },
  );
  t.true(judged > 500, `${judged} changed blocks had the right shape`);
});

/** A later view and another leader make another block of the same entries, and a valid one. */
function isRenamed(block: ChainBlock, original: ChainBlock): boolean {
  const { leader, view } = original;
  const bytes = encodeCanonical({ ...block, leader, view } as CborValue);
  const isSame = equalBytes(bytes, encodeCanonical(original as CborValue));
  return isSame && chain.membership.places.has(block.leader);
}
