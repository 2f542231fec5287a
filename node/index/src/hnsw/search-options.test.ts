import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { HnswIndex } from './hnsw-index.ts';

const DIMENSION = 12;
const ROWS = 700;
const ids = numberedIds(ROWS);
const vectors = gaussianRows(1, ROWS, DIMENSION);

function built(): { hnsw: HnswIndex; flat: FlatIndex } {
  const hnsw = new HnswIndex({ dimension: DIMENSION, metric: 'euclidean', m: 8 });
  const flat = new FlatIndex({ dimension: DIMENSION, metric: 'euclidean' });
  hnsw.insertBatch(ids, vectors);
  flat.insertBatch(ids, vectors);
  for (let row = 0; row < ROWS; row += 3) {
    hnsw.delete(`doc-${row}`);
    flat.delete(`doc-${row}`);
  }
  return { hnsw, flat };
}

const pair = built();

/** The slots of some rows, as a set for one index. */
function accepting(index: HnswIndex | FlatIndex, rows: readonly number[]) {
  const words = new Uint32Array(Math.ceil(index.slotCount / 32));
  for (const row of rows) {
    const slot = index.slotOf(`doc-${row}`);
    if (slot !== undefined) words[slot >> 5] = (words[slot >> 5] ?? 0) | (1 << (slot & 31));
  }
  return { words };
}

testProp(
  'a search that accepts some rows returns the nearest of them and no others',
  [fc.uniqueArray(fc.nat({ max: ROWS - 1 }), { maxLength: 300 }), fc.integer({ min: 1, max: 20 })],
  (t, rows, k) => {
    const query = gaussianRows(2, 1, DIMENSION);
    const wanted = rows.filter((row) => row % 3 !== 0);
    const exact = pair.flat.search(query, { k, accept: accepting(pair.flat, rows) });
    t.is(exact.hits.length, Math.min(k, wanted.length));
    t.is(exact.distanceComputations, wanted.length);
    t.true(exact.hits.every(({ id }) => wanted.includes(Number(id.slice(4)))));
    const accept = accepting(pair.hnsw, rows);
    t.deepEqual(pair.hnsw.scan(query, { k, accept }), exact);
    t.deepEqual(pair.hnsw.search(query, { k, efSearch: 64, accept }).hits, exact.hits);
  },
  { seed: 109, numRuns: 60 },
);

test('bits of slots that are not there are ignored', (t) => {
  const accept = { words: new Uint32Array(1_000).fill(0xffff_ffff) };
  const query = rowOf(vectors, DIMENSION, 1);
  t.deepEqual(
    pair.hnsw.search(query, { k: 9, accept }).hits,
    pair.hnsw.search(query, { k: 9 }).hits,
  );
  t.deepEqual(pair.hnsw.search(query, { k: 9, accept: { words: new Uint32Array(0) } }).hits, []);
});

test('a trace names the way of a search and what it touched', (t) => {
  const query = gaussianRows(3, 1, DIMENSION);
  const plain = pair.hnsw.search(query, { k: 5, efSearch: 40 });
  const { trace, ...traced } = pair.hnsw.search(query, { k: 5, efSearch: 40, trace: true });
  t.deepEqual(traced, plain);
  if (trace === undefined) return t.fail('no trace');
  const view = pair.hnsw.view();
  t.is(trace.path[0], view.entrySlot);
  t.is(trace.path.length, trace.expanded);
  t.true(trace.expanded >= 5 && trace.expanded < plain.distanceComputations);
  t.true(trace.path.every((slot) => view.isLive(slot)));
  t.is(trace.bytesTouched, plain.distanceComputations * 48 + trace.linksRead * 4);
  return undefined;
});

test('ids and slots name each other, and rows come back as they were stored', (t) => {
  for (const id of pair.hnsw.ids()) {
    const slot = pair.hnsw.slotOf(id);
    t.is(slot === undefined ? undefined : pair.hnsw.idOf(slot), id);
    const row = rowOf(vectors, DIMENSION, Number(id.slice(4)));
    t.deepEqual(pair.hnsw.vectorOf(id), row.slice());
  }
  t.is(pair.hnsw.vectorOf('doc-0'), undefined);
});

test('bytes go in and are searched as bytes, as float32 with the same numbers does', (t) => {
  const bytes = Uint8Array.from(vectors, (x) => Math.abs(Math.trunc(x * 60)));
  for (const vectorType of ['u8', 'f32'] as const) {
    const settings = { dimension: DIMENSION, metric: 'euclidean', vectorType } as const;
    const [one, other] = [new HnswIndex(settings), new HnswIndex(settings)];
    one.insertBatch(ids, bytes);
    other.insertBatch(ids, Float32Array.from(bytes));
    const query = bytes.subarray(0, DIMENSION);
    t.deepEqual(one.search(query, { k: 9 }), other.search(Float32Array.from(query), { k: 9 }));
  }
});
