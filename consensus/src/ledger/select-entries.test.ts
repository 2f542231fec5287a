import {
  type CborValue,
  type ChainEntry,
  type Digest,
  ENTRIES_MAX,
  encodeCanonical,
} from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { buildBlock } from './apply-block.ts';
import {
  extended,
  idOf,
  memberOf,
  membershipEntry,
  modelEntry,
  newChain,
  PATTERN,
  patternEntry,
  settingEntry,
  TOY_RULES,
} from './ledger-fixture.ts';
import { BLOCK_FRAME_BYTES, selectEntries } from './select-entries.ts';

const chain = newChain(4);
const select = (pool: readonly ChainEntry[], options = {}) =>
  selectEntries(chain, pool, TOY_RULES, options);
const sizeOf = (value: unknown) => encodeCanonical(value as CborValue).byteLength;
const patternAt = (x: number, bounds = 900_000) =>
  patternEntry(chain, { bounds, pattern: { centroid: Uint8Array.of(x, 20, 30, 40) } });

test('settings come first, then models by version, patterns, and the newest roster last', (t) => {
  const pool = [
    membershipEntry(2, [0, 1, 2]),
    membershipEntry(3, [1, 2, 3]),
    patternAt(1),
    modelEntry(chain, 1),
    modelEntry(chain, 0),
    settingEntry(chain),
  ];
  const chosen = select(pool);
  t.deepEqual(
    chosen.map(({ kind }) => kind),
    ['setting', 'model', 'model', 'pattern', 'membership'],
  );
  t.is(chosen.at(-1), pool[1]);
  t.is(chosen[1], pool[4]);
});

test('of rivals the polled one is chosen, else the one with the better bound', (t) => {
  const [good, better] = [patternAt(1, 900_000), patternAt(2, 950_000)];
  t.deepEqual(select([good, better]), [better]);
  t.deepEqual(select([good, better], { preferred: [idOf(good)] }), [good]);
});

test('what no rule includes is left out, and the rest comes in', (t) => {
  const entry = patternAt(1);
  const [first, ...others] = entry.attestations;
  if (first === undefined) return t.fail();
  const forged = [{ ...first, signature: Uint8Array.of(1) }, ...others];
  const pool = [{ ...entry, attestations: forged }, patternEntry(chain, { verdicts: ['accept'] })];
  t.deepEqual(select([...pool, patternAt(90)]), [patternAt(90)]);
});

test('a selection fits its bytes and entries, and keeps room for a roster', (t) => {
  const pool: ChainEntry[] = Array.from({ length: 80 }, (_, i) =>
    settingEntry(chain, { name: `s${i}` }),
  );
  t.is(select(pool).length, ENTRIES_MAX);
  const change = membershipEntry(2, [0, 1, 2]);
  const mixed = select([...pool, change]);
  t.is(mixed.length, ENTRIES_MAX);
  t.is(mixed.at(-1), change);
  const [one] = pool;
  const bytesMax = BLOCK_FRAME_BYTES + 3 * sizeOf(one) + 10;
  t.is(select(pool, { bytesMax }).length, 3);
  t.is(select([...pool, change], { bytesMax }).at(-1), change);
  const most = select(pool, { bytesMax: 20_000 });
  const block = buildBlock(chain, { entries: most, leader: memberOf(0), view: 1 }, TOY_RULES);
  if (!block.ok) return t.fail(block.refusal.detail);
  t.true(sizeOf(block.value) <= 20_000);
});

test('nothing is chosen when the epoch has ended', (t) => {
  const ended = extended(chain, membershipEntry(2, [0, 1, 2]));
  t.deepEqual(selectEntries(ended, [patternEntry(ended)], TOY_RULES), []);
});

test('any pool in any order gives one selection, which makes a block', (t) => {
  const entry = fc.oneof(
    fc
      .tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 880_000, max: 990_000 }))
      .map(([x, bounds]): ChainEntry => patternAt(x, bounds)),
    fc.integer({ min: 0, max: 6 }).map((base): ChainEntry => modelEntry(chain, base)),
    fc.integer({ min: 0, max: 4 }).map((i): ChainEntry => settingEntry(chain, { name: `s${i}` })),
    fc.integer({ min: 2, max: 5 }).map((seq): ChainEntry => membershipEntry(seq, [1, 2, 3])),
  );
  const drawn = fc
    .array(entry, { maxLength: 12 })
    .chain((pool) =>
      fc.tuple(fc.constant(pool), fc.shuffledSubarray(pool, { minLength: pool.length })),
    );
  fc.assert(
    fc.property(drawn, ([pool, shuffled]) => {
      const entries = select(pool);
      t.deepEqual(select(shuffled), entries);
      t.true(buildBlock(chain, { entries, leader: memberOf(0), view: 1 }, TOY_RULES).ok);
    }),
    { numRuns: 100 },
  );
});

test('preferences for unknown patterns change nothing', (t) => {
  const pool = [patternAt(1), patternAt(90)];
  t.deepEqual(select(pool, { preferred: [PATTERN.collection as Digest] }), select(pool));
});
