import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { SEARCH_KINDS } from './cost-model.ts';
import { type SelectionQuestion, selectIndex } from './select-index.ts';

const QUESTION: SelectionQuestion = {
  rows: 20_000,
  k: 10,
  selectivity: 1,
  recall: 0.95,
  dimension: 128,
  vectorType: 'f32',
};

const questions = fc.record({
  rows: fc.nat({ max: 16_000_000 }),
  k: fc.integer({ min: 1, max: 1_000 }),
  selectivity: fc.double({ min: 0, max: 1, noNaN: true }),
  recall: fc.double({ min: 0.01, max: 1, noNaN: true }),
  dimension: fc.integer({ min: 1, max: 4_096 }),
  vectorType: fc.constantFrom('f32', 'u8'),
  kinds: fc.subarray([...SEARCH_KINDS], { minLength: 1 }),
  unit: fc.constantFrom('distances', 'nanoseconds'),
});

testProp(
  'what is picked is allowed, hardly dearer than any other, and comes with a width that fits',
  [questions],
  (t, { kinds, unit, ...question }) => {
    const { cost, costs, efSearch, kind, probes } = selectIndex(question, { kinds, unit });
    t.true(kinds.includes(kind));
    t.deepEqual([...costs.keys()].sort(), [...kinds].sort());
    for (const other of costs.values()) t.true(cost <= other * 1.1);
    t.is(efSearch !== undefined, kind === 'hnsw');
    t.is(probes !== undefined, kind === 'ivf');
    t.true((efSearch ?? 1) >= 1 && (probes ?? 1) >= 1);
    t.true((efSearch ?? question.k) >= Math.min(question.k, question.rows));
  },
  { seed: 51, numRuns: 500 },
);

testProp(
  'an exact answer comes from a scan, or from whatever there is',
  [questions],
  (t, { kinds, unit, ...question }) => {
    const { kind } = selectIndex({ ...question, recall: 1 }, { kinds, unit });
    t.is(kind, kinds.includes('flat') ? 'flat' : kind);
  },
  { seed: 52, numRuns: 100 },
);

test('few rows are scanned, many walked, and of few accepted rows each is compared', (t) => {
  t.is(selectIndex({ ...QUESTION, rows: 50 }).kind, 'flat');
  t.is(selectIndex(QUESTION).kind, 'hnsw');
  t.is(selectIndex({ ...QUESTION, rows: 1_000_000 }).kind, 'hnsw');
  t.is(selectIndex({ ...QUESTION, selectivity: 0.001 }).kind, 'flat');
  t.is(selectIndex({ ...QUESTION, rows: 100_000, k: 100, selectivity: 0.1 }).kind, 'ivf');
});

test('lists are not picked for a vector type that they do not hold', (t) => {
  const question = { ...QUESTION, rows: 100_000, k: 100, selectivity: 0.1 };
  for (const vectorType of ['sq8', 'rabitq'] as const) {
    t.deepEqual([...selectIndex({ ...question, vectorType }).costs.keys()], ['flat', 'hnsw']);
  }
});

test('a wanted recall and a larger k widen the beam, a filter makes its walk longer', (t) => {
  const widthOf = (change: Partial<SelectionQuestion>) =>
    selectIndex({ ...QUESTION, ...change }, { kinds: ['hnsw'] }).efSearch ?? 0;
  t.true(widthOf({ recall: 0.99 }) > widthOf({ recall: 0.9 }));
  t.true(widthOf({ k: 100 }) > widthOf({ k: 10 }));
  t.true(widthOf({ selectivity: 0.1 }) <= widthOf({}));
  const costOf = (selectivity: number) =>
    selectIndex({ ...QUESTION, selectivity }, { kinds: ['hnsw'] }).cost;
  t.true(costOf(0.1) > 2 * costOf(1));
});

test('in time a scan is chosen for longer than in distances, for a walk jumps', (t) => {
  const question = { ...QUESTION, rows: 1_000 };
  t.is(selectIndex(question).kind, 'hnsw');
  t.is(selectIndex(question, { unit: 'nanoseconds', kinds: ['flat', 'hnsw'] }).kind, 'flat');
});

test('refusals name the violated inequality', (t) => {
  const refused = (code: IndexErrorCode, change: Partial<SelectionQuestion>, message: RegExp) =>
    t.is(
      t.throws(() => selectIndex({ ...QUESTION, ...change }), { instanceOf: IndexError, message })
        .code,
      code,
    );
  refused('invalid-option', { rows: -1 }, /rows >= 0/);
  refused('invalid-option', { k: 0 }, /k >= 1/);
  refused('invalid-option', { selectivity: Number.NaN }, /0 <= selectivity <= 1/);
  refused('invalid-option', { recall: 1.1 }, /0 < recall <= 1/);
  t.throws(() => selectIndex(QUESTION, { kinds: [] }), { message: /kinds is empty/ });
});
