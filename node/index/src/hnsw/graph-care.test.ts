// What keeps a graph in order: sweeps, relinking, compaction, and a view of it all.

import test from 'ava';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { HnswIndex } from './hnsw-index.ts';

const DIMENSION = 20;
const ROWS = 1_500;
const vectors = gaussianRows(5, ROWS, DIMENSION);

function thinned(): HnswIndex {
  const index = new HnswIndex({ dimension: DIMENSION, metric: 'euclidean' });
  index.insertBatch(numberedIds(ROWS), vectors);
  for (let row = 0; row < 1_000; row++) index.delete(`doc-${row}`);
  return index;
}

function answers(index: HnswIndex) {
  const queries = gaussianRows(6, 30, DIMENSION);
  return Array.from({ length: 30 }, (_, row) => {
    return index.search(rowOf(queries, DIMENSION, row), { k: 10, efSearch: 64 });
  });
}

test('erasing removes every link to deleted rows and leaves answers as they are', (t) => {
  const index = thinned();
  for (let row = 1_000; row < 1_040; row++) index.delete(`doc-${row}`);
  const before = answers(index).map(({ hits }) => hits);
  const { staleLinks } = index.verify();
  const dropped = index.eraseDead();
  t.true(staleLinks > 0 && dropped >= staleLinks);
  t.is(index.verify().staleLinks, 0);
  t.is(index.eraseDead(), 0);
  t.deepEqual(
    answers(index).map(({ hits }) => hits),
    before,
  );
});

test('a compacted index answers the same at the same cost, without holes', (t) => {
  const index = thinned();
  const { index: compact, slots } = index.compacted();
  t.is(compact.slotCount, compact.size);
  t.deepEqual([...compact.ids()].sort(), [...index.ids()].sort());
  t.deepEqual(compact.verify().problems, []);
  t.deepEqual(answers(compact), answers(index));
  for (const id of index.ids()) t.is(slots[index.slotOf(id) ?? -1] ?? -1, compact.slotOf(id) ?? -1);
  t.is(slots.filter((slot) => slot >= 0).length, compact.size);
  compact.insertBatch(numberedIds(ROWS), vectors);
  t.deepEqual(compact.verify().problems, []);
});

test('an empty index can be compacted', (t) => {
  const { index } = new HnswIndex({ dimension: 2 }).compacted();
  index.insertBatch(['a'], Float32Array.of(1, 2));
  t.is(index.size, 1);
});

test('rows that are linked anew stay sound and are found', (t) => {
  const index = thinned();
  const view = index.view();
  for (let slot = 0; slot < view.slotCount; slot += 7) index.relink(slot);
  t.deepEqual(index.verify().problems, []);
  for (let row = 1_000; row < ROWS; row++) {
    const own = rowOf(vectors, DIMENSION, row);
    t.is(index.search(own, { k: 1, efSearch: 64 }).hits[0]?.id, `doc-${row}`);
  }
});

test('the view shows live slots, their levels, links and distances', (t) => {
  const index = thinned();
  const view = index.view();
  const { degreeHistogram, layers, live, oneWayLinks } = index.verify();
  t.is(view.layerCount, layers);
  t.is(view.levelOf(view.entrySlot), layers - 1);
  let [count, links, oneWay] = [0, 0, 0];
  for (let slot = 0; slot < view.slotCount; slot++) {
    if (!view.isLive(slot)) {
      t.is(view.levelOf(slot), -1);
      continue;
    }
    count++;
    const targets = view.targets(0, slot).filter((target) => view.isLive(target));
    links += targets.length;
    oneWay += targets.filter((target) => !view.targets(0, target).includes(slot)).length;
    const [near] = targets;
    const row = index.vectorOf(index.idOf(slot) ?? '');
    if (near === undefined || row === undefined) return t.fail('a live row has links');
    const { hits } = index.scan(row, { k: live });
    const hit = hits.find(({ id }) => id === index.idOf(near));
    t.is(view.distance(slot, near), hit?.distance ?? -1);
  }
  t.is(count, live);
  t.is(oneWay, oneWayLinks);
  t.is(
    degreeHistogram.reduce((sum, rows, degree) => sum + rows * degree, 0),
    links,
  );
  return undefined;
});

test('what a delete costs does not grow with the number of rows', (t) => {
  const cost = [2_000, 8_000].map((rows) => {
    const index = new HnswIndex({ dimension: 8, metric: 'euclidean', m: 8, efConstruction: 40 });
    index.insertBatch(numberedIds(rows), gaussianRows(9, rows, 8));
    const before = index.upkeepDistances;
    for (let row = 0; row < rows; row += 10) index.delete(`doc-${row}`);
    return (index.upkeepDistances - before) / (rows / 10);
  });
  const [small = 0, large = 0] = cost;
  t.true(small > 0 && large < 1.25 * small, `${small} and ${large} distances per delete`);
});
