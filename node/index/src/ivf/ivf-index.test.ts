import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { RowSet } from '../filter/row-set.ts';
import { FlatIndex } from '../flat/flat-index.ts';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { recallAtK } from '../recall.ts';
import { clusteredRows, gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { METRICS } from '../vector-index.ts';
import { IvfIndex } from './ivf-index.ts';
import { listsFor, probesFor, TRAINING_ROWS_MIN } from './ivf-options.ts';

const QUERIES = 30;

function slotSetOf(index: IvfIndex, ids: readonly string[]): RowSet {
  return RowSet.fromSlots(ids.map((id) => index.slotOf(id) ?? -1));
}

for (const metric of METRICS) {
  testProp(
    `${metric}: with all lists probed it finds what an exact index finds, after any changes`,
    [
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.record({ first: fc.nat({ max: 50 }), rows: fc.integer({ min: 1, max: 40 }) }), {
        minLength: 1,
        maxLength: 25,
      }),
    ],
    (t, dimension, steps) => {
      const ivf = new IvfIndex({ dimension, metric, lists: 4 });
      const flat = new FlatIndex({ dimension, metric });
      for (const [step, { first, rows }] of steps.entries()) {
        const ids = numberedIds(first + rows).slice(first);
        for (const index of [ivf, flat]) {
          if (step % 3 === 2) for (const id of ids) index.delete(id);
          else index.insertBatch(ids, gaussianRows(step, rows, dimension));
        }
      }
      t.is(ivf.size, flat.size);
      const query = gaussianRows(99, 1, dimension);
      const found = ivf.search(query, { k: 20, probes: ivf.lists }).hits;
      const exact = flat.search(query, { k: 20 }).hits;
      t.deepEqual(
        found.map((hit) => hit.distance),
        exact.map((hit) => hit.distance),
      );
    },
    { seed: 41, numRuns: 40 },
  );
}

test('recall and distance computations rise with the probes, up to exact', (t) => {
  const dimension = 16;
  const index = new IvfIndex({ dimension, metric: 'euclidean' });
  const oracle = new FlatIndex({ dimension, metric: 'euclidean' });
  const rows = gaussianRows(2, 3_000, dimension);
  for (const each of [index, oracle]) each.insertBatch(numberedIds(3_000), rows);
  t.is(index.lists, listsFor(3_000));
  t.is(index.probes, probesFor(index.lists));
  const queries = gaussianRows(3, QUERIES, dimension);
  let before = { distances: 0, recall: 0 };
  for (const probes of [1, 4, 16, 64, index.lists]) {
    const after = { distances: 0, recall: 0 };
    for (let row = 0; row < QUERIES; row++) {
      const query = rowOf(queries, dimension, row);
      const found = index.search(query, { k: 10, probes });
      after.distances += found.distanceComputations / QUERIES;
      after.recall += recallAtK(found.hits, oracle.search(query, { k: 10 }).hits) / QUERIES;
    }
    t.true(after.recall >= before.recall && after.distances > before.distances);
    before = after;
  }
  t.true(before.recall > 0.9999);
  t.true(before.distances <= 3_000 + index.lists);
});

test('clustered rows are found at a small share of the distances of a scan', (t) => {
  const dimension = 24;
  const all = clusteredRows(5, 4_000 + QUERIES, dimension, 40);
  const rows = all.subarray(0, 4_000 * dimension);
  for (const metric of METRICS) {
    const index = new IvfIndex({ dimension, metric });
    const oracle = new FlatIndex({ dimension, metric });
    for (const each of [index, oracle]) each.insertBatch(numberedIds(4_000), rows);
    let recall = 0;
    for (let row = 0; row < QUERIES; row++) {
      const query = rowOf(all, dimension, 4_000 + row);
      const { hits, distanceComputations } = index.search(query, { k: 10 });
      recall += recallAtK(hits, oracle.search(query, { k: 10 }).hits) / QUERIES;
      t.true(distanceComputations < 900);
    }
    t.true(recall > 0.95, `${metric}: ${recall}`);
  }
});

test('only accepted rows are returned and compared, k of them when k are accepted', (t) => {
  const dimension = 8;
  const ids = numberedIds(2_000);
  const index = new IvfIndex({ dimension, metric: 'euclidean' });
  index.insertBatch(ids, gaussianRows(7, 2_000, dimension));
  for (const share of [2, 50, 500]) {
    const chosen = ids.filter((_, row) => row % share === 1);
    const accept = slotSetOf(index, chosen);
    const query = gaussianRows(8, 1, dimension);
    const few = index.search(query, { k: 4, probes: 1, accept });
    t.is(few.hits.length, 4);
    t.true(few.hits.every(({ id }) => chosen.includes(id)));
    const all = index.search(query, { k: 3_000, probes: index.lists, accept });
    t.deepEqual(all.hits.map((hit) => hit.id).sort(), [...chosen].sort());
    t.true(all.distanceComputations <= index.lists + chosen.length);
  }
  const accept = { words: new Uint32Array(0) };
  t.deepEqual(index.search(gaussianRows(8, 1, dimension), { k: 4, accept }).hits, []);
});

test('a scan finds what an exact index finds, comparing only what is accepted', (t) => {
  const dimension = 9;
  const ids = numberedIds(3_000);
  for (const metric of METRICS) {
    const index = new IvfIndex({ dimension, metric });
    const oracle = new FlatIndex({ dimension, metric });
    for (const each of [index, oracle]) {
      each.insertBatch(ids, gaussianRows(6, 3_000, dimension));
      for (const id of ids.slice(500, 900)) each.delete(id);
    }
    const query = gaussianRows(8, 1, dimension);
    const all = index.scan(query, { k: 12 });
    t.deepEqual(all.hits, oracle.search(query, { k: 12 }).hits);
    t.is(all.distanceComputations, index.size);
    // Slots of deleted rows are in it, and slots that never were.
    const accept = RowSet.range(400, 3_500);
    const some = index.scan(query, { k: 12, accept });
    t.deepEqual(some.hits, oracle.scan(query, { k: 12, accept }).hits);
    t.is(some.distanceComputations, 2_200);
  }
});

test('ids, slots and rows name each other, and a slot is used again', (t) => {
  const index = new IvfIndex({ dimension: 2 });
  index.insertBatch(['a', 'b', 'c'], Float32Array.of(3, 4, 0, 2, 1, 0));
  const slot = index.slotOf('b') ?? -1;
  t.is(index.idOf(slot), 'b');
  t.deepEqual(index.vectorOf('a'), Float32Array.of(3 / 5, 4 / 5));
  index.delete('b');
  t.deepEqual([index.idOf(slot), index.vectorOf('b')], [undefined, undefined]);
  index.insertBatch(['d'], Float32Array.of(1, 1));
  t.deepEqual([index.slotOf('d'), index.slotCount], [slot, 3]);
});

test('bytes are scaled to length one like floats are', (t) => {
  const rows = Uint8Array.from({ length: 60 }, (_, at) => (at * 37) % 256);
  const [bytes, floats] = [rows, Float32Array.from(rows)].map((vectors) => {
    const index = new IvfIndex({ dimension: 3, metric: 'cosine', lists: 2 });
    index.insertBatch(numberedIds(20), vectors);
    return index.search(vectors.subarray(3, 6), { k: 5, probes: 1 });
  });
  t.deepEqual(bytes, floats);
});

test('what it says of its memory grows with the rows', (t) => {
  const index = new IvfIndex({ dimension: 32, metric: 'euclidean' });
  const before = index.memoryUsage();
  index.insertBatch(numberedIds(2_000), gaussianRows(1, 2_000, 32));
  const after = index.memoryUsage();
  t.true(after.codes >= 2_000 * 128 && after.codes < 2_000 * 128 * 1.5, `${after.codes}`);
  t.true(after.capacity >= 2_000 && after.ids > before.ids);
  t.true(after.bookkeeping > index.lists * 128);
});

test('bytes are found as the same floats are', (t) => {
  const dimension = 20;
  const rows = gaussianRows(9, 1_200, dimension).map((v) => Math.abs(Math.round(v * 60)) % 256);
  for (const metric of ['euclidean', 'dot', 'manhattan'] as const) {
    const [bytes, floats] = (['u8', 'f32'] as const).map((vectorType) => {
      const index = new IvfIndex({ dimension, metric, vectorType });
      index.insertBatch(numberedIds(1_200), rows);
      return index.search(rowOf(rows, dimension, 5), { k: 9 });
    });
    t.deepEqual(bytes, floats);
  }
});

test('lists that lie too far away are left out, and no hit is lost by it', (t) => {
  const dimension = 24;
  const rows = clusteredRows(5, 4_000, dimension, 40);
  for (const metric of ['euclidean', 'cosine'] as const) {
    const index = new IvfIndex({ dimension, metric });
    const oracle = new FlatIndex({ dimension, metric });
    for (const each of [index, oracle]) each.insertBatch(numberedIds(4_000), rows);
    let distances = 0;
    for (let row = 0; row < 40; row++) {
      const query = rowOf(rows, dimension, row);
      const found = index.search(query, { k: 10, probes: index.lists });
      t.deepEqual(found.hits, oracle.search(query, { k: 10 }).hits);
      distances += found.distanceComputations / 40;
    }
    t.true(distances < 1_000, `${metric}: ${distances} of 4000`);
  }
});

test('rows are searched exactly until there are enough to train on', (t) => {
  const index = new IvfIndex({ dimension: 2, metric: 'euclidean' });
  const rows = gaussianRows(1, TRAINING_ROWS_MIN, 2);
  const ids = numberedIds(TRAINING_ROWS_MIN);
  index.insertBatch(ids.slice(1), rows.subarray(2));
  t.is(index.lists, 1);
  t.is(index.search(rows.subarray(0, 2), { k: 1 }).distanceComputations, index.size);
  index.insertBatch(ids.slice(0, 1), rows.subarray(0, 2));
  t.is(index.lists, listsFor(TRAINING_ROWS_MIN));
});

test('lists are trained anew when the rows have become four times as many, or on demand', (t) => {
  const index = new IvfIndex({ dimension: 2, metric: 'euclidean' });
  const ids = numberedIds(4_096);
  const rows = gaussianRows(1, 4_096, 2);
  index.insertBatch(ids.slice(0, 1_024), rows.subarray(0, 2_048));
  index.insertBatch(ids.slice(1_024, 4_095), rows.subarray(2_048, 8_190));
  t.is(index.lists, listsFor(1_024));
  index.insertBatch(ids.slice(4_095), rows.subarray(8_190));
  t.is(index.lists, listsFor(4_096));
  for (const id of ids.slice(100)) index.delete(id);
  index.retrain();
  t.is(index.lists, listsFor(100));
  t.is(index.search(rows.subarray(0, 2), { k: 1_000, probes: 1 }).hits.length, 100);
});

test('equal rows, and more lists than distinct rows, are no obstacle', (t) => {
  const index = new IvfIndex({ dimension: 3, lists: 50 });
  index.insertBatch(numberedIds(600), new Float32Array(1_800).fill(0.5));
  t.is(index.search(Float32Array.of(1, 0, 0), { k: 600 }).hits.length, 600);
});

test('many single inserts into few lists keep every row', (t) => {
  const index = new IvfIndex({ dimension: 2, metric: 'euclidean', lists: 5 });
  const rows = gaussianRows(4, 700, 2);
  for (const [row, id] of numberedIds(700).entries()) {
    index.insertBatch([id], rowOf(rows, 2, row));
    if (row % 3 === 0) index.delete(id);
  }
  t.is(index.lists, 5);
  for (const id of index.ids()) {
    const row = rowOf(rows, 2, Number(id.slice(4)));
    t.is(index.search(row, { k: 1, probes: 1 }).hits[0]?.id, id);
  }
});

test('refusals have a code, and a refused batch changes nothing', (t) => {
  const index = new IvfIndex({ dimension: 2, maxElements: 3 });
  const refused = (code: IndexErrorCode, action: () => unknown) =>
    t.is(t.throws(action, { instanceOf: IndexError }).code, code);
  refused('limit-exceeded', () => index.insertBatch(numberedIds(4), new Float32Array(8)));
  t.is(index.size, 0);
  refused('invalid-option', () => index.search(new Float32Array(2), { k: 1, probes: 0 }));
  refused('limit-exceeded', () => index.search(new Float32Array(2), { k: 1, probes: 1e6 }));
  refused('invalid-option', () => new IvfIndex({ dimension: 2, lists: -1 }));
  refused('invalid-option', () => new IvfIndex({ dimension: 2, vectorType: 'u8' }));
});
