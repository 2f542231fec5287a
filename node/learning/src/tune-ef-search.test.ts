import { FlatIndex, HnswIndex, SeededRandom, type VectorIndex } from '@starling/index';
import test from 'ava';
import { LearningError, type LearningErrorCode } from './learning-error.ts';
import { EF_LADDER_DEFAULT, type TuneOptions, tuneEfSearch } from './tune-ef-search.ts';

const DIMENSION = 32;
const ROWS = 2_000;
const QUERIES = 60;

function normalRows(seed: number, rows: number): Float32Array {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: rows * DIMENSION }, () => {
    const radius = Math.sqrt(-2 * Math.log(random.nextOpenUnit()));
    return radius * Math.cos(2 * Math.PI * random.nextOpenUnit());
  });
}

function site(): { index: VectorIndex; oracle: VectorIndex; queries: Float32Array } {
  const index = new HnswIndex({ dimension: DIMENSION, m: 8, efConstruction: 60 });
  const oracle = new FlatIndex({ dimension: DIMENSION });
  const ids = Array.from({ length: ROWS }, (_, row) => `doc-${row}`);
  for (const each of [index, oracle]) each.insertBatch(ids, normalRows(1, ROWS));
  return { index, oracle, queries: normalRows(2, QUERIES) };
}

test('the smallest efSearch that meets the target on both halves is chosen', async (t) => {
  const { index, oracle, queries } = site();
  const evidence = await tuneEfSearch(index, oracle, queries, { k: 10, recallTarget: 0.95 });
  t.true(evidence.isTargetMet);
  t.true(evidence.chosen.heldOutRecall >= 0.95 && evidence.chosen.tuningRecall >= 0.95);
  t.deepEqual(
    evidence.ladder.map((row) => row.efSearch),
    [...EF_LADDER_DEFAULT],
  );
  for (const row of evidence.ladder) {
    if (row.efSearch >= evidence.chosen.efSearch) continue;
    t.true(Math.min(row.heldOutRecall, row.tuningRecall) < 0.95);
    t.true(row.distanceComputationsMean < evidence.chosen.distanceComputationsMean);
  }
  t.deepEqual([evidence.tuningQueries, evidence.heldOutQueries], [30, 30]);
});

test('a higher target never chooses a smaller efSearch', async (t) => {
  const { index, oracle, queries } = site();
  const chosen: number[] = [];
  for (const recallTarget of [0.5, 0.8, 0.9, 0.99]) {
    const evidence = await tuneEfSearch(index, oracle, queries, { k: 10, recallTarget });
    chosen.push(evidence.chosen.efSearch);
  }
  t.deepEqual(
    chosen,
    chosen.toSorted((a, b) => a - b),
  );
  t.true((chosen[0] ?? 0) < (chosen[3] ?? 0));
});

test('every recall in the evidence is one that a search gave', async (t) => {
  const { index, oracle, queries } = site();
  const { ladder } = await tuneEfSearch(index, oracle, queries, { k: 10, recallTarget: 0.9 });
  for (const row of ladder) {
    let shared = 0;
    for (let start = DIMENSION; start < queries.length; start += 2 * DIMENSION) {
      const query = queries.subarray(start, start + DIMENSION);
      const exact = new Set(oracle.search(query, { k: 10 }).hits.map((hit) => hit.id));
      const { hits } = index.search(query, { k: 10, efSearch: row.efSearch });
      shared += hits.filter((hit) => exact.has(hit.id)).length;
    }
    t.true(Math.abs(row.heldOutRecall - shared / (10 * 30)) < 1e-9);
  }
});

test('a target that no rung meets is reported as missed, with the best rung measured', async (t) => {
  const { index, oracle, queries } = site();
  const options = { k: 10, recallTarget: 1, efLadder: [10, 12] };
  const evidence = await tuneEfSearch(index, oracle, queries, options);
  t.false(evidence.isTargetMet);
  t.true(evidence.ladder.includes(evidence.chosen));
  t.true(evidence.chosen.heldOutRecall < 1);
});

test('an odd query is measured and counted once', async (t) => {
  const { index, oracle, queries } = site();
  const three = queries.subarray(0, 3 * DIMENSION);
  const evidence = await tuneEfSearch(index, oracle, three, { k: 1, recallTarget: 0.1 });
  t.deepEqual([evidence.tuningQueries, evidence.heldOutQueries], [2, 1]);
});

const good: TuneOptions = { k: 5, recallTarget: 0.9 };
const refusals: [string, LearningErrorCode, number, TuneOptions][] = [
  ['an empty sample', 'sample-too-small', 0, good],
  ['a single query', 'sample-too-small', DIMENSION, good],
  ['half a query', 'invalid-option', DIMENSION * 2.5, good],
  ['a target of 0', 'invalid-option', DIMENSION * 4, { ...good, recallTarget: 0 }],
  ['a target above 1', 'invalid-option', DIMENSION * 4, { ...good, recallTarget: 1.01 }],
  ['a target that is NaN', 'invalid-option', DIMENSION * 4, { ...good, recallTarget: Number.NaN }],
  ['an empty ladder', 'invalid-option', DIMENSION * 4, { ...good, efLadder: [] }],
  ['a falling ladder', 'invalid-option', DIMENSION * 4, { ...good, efLadder: [10, 30, 20] }],
];

for (const [what, code, components, options] of refusals) {
  test(`${what} is refused as ${code}`, async (t) => {
    const index = new FlatIndex({ dimension: DIMENSION });
    index.insertBatch(['a'], normalRows(3, 1));
    const queries = new Float32Array(components);
    const tune = () => tuneEfSearch(index, index, queries, options);
    t.is((await t.throwsAsync(tune, { instanceOf: LearningError })).code, code);
  });
}

test('an oracle over other rows is refused', async (t) => {
  const index = new FlatIndex({ dimension: DIMENSION });
  const oracle = new FlatIndex({ dimension: DIMENSION });
  index.insertBatch(['a'], normalRows(3, 1));
  const tune = () => tuneEfSearch(index, oracle, normalRows(4, 4), good);
  t.is((await t.throwsAsync(tune, { instanceOf: LearningError })).code, 'indexes-differ');
});

test('no recall is claimed for an index without rows', async (t) => {
  const empty = new FlatIndex({ dimension: DIMENSION });
  const tune = () => tuneEfSearch(empty, empty, normalRows(4, 4), good);
  t.is((await t.throwsAsync(tune, { instanceOf: LearningError })).code, 'sample-too-small');
});

test('an aborted tuning stops with the reason', async (t) => {
  const { index, oracle, queries } = site();
  const signal = AbortSignal.abort(new Error('shutting down'));
  const tune = () => tuneEfSearch(index, oracle, queries, { ...good, signal });
  await t.throwsAsync(tune, { message: 'shutting down' });
});
