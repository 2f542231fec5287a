import test from 'ava';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { chooseKind } from './choose-kind.ts';
import { Collection } from './collection.ts';
import { compactSegments } from './compact-segments.ts';
import { openCore } from './open-core.ts';
import { deleteWrite, upsertWrite } from './row-writes.ts';
import { SimulatedDisk } from './simulated-disk.ts';

const FOLDER = '/collection';
const DIMENSION = 4;
const ROWS = 1_600;
const SETTINGS = { dimension: DIMENSION, metric: 'euclidean', m: 8 } as const;

const ids = numberedIds(ROWS);
const vectors = gaussianRows(1, ROWS, DIMENSION);
const metadata = ids.map((_, row) => ({ third: row % 3, row }));

test('a compaction closes the holes of a graph, and columns follow their rows', async (t) => {
  using disk = new SimulatedDisk();
  const settings = { ...SETTINGS, columns: { third: 'integer' } } as const;
  const core = await openCore(FOLDER, settings, disk, undefined);
  await core.queue.write(upsertWrite(core, { ids, vectors, metadata }, 'replace'));
  const gone = ids.filter((_, row) => row % 2 === 0);
  await core.queue.write(deleteWrite(core, gone).write);
  const [segment] = core.segments.segments;
  const before = segment?.index;
  await compactSegments(core);
  const index = segment?.index;
  t.true(index instanceof HnswIndex && index !== before);
  if (!(index instanceof HnswIndex)) return;
  t.is(index.slotCount, ROWS / 2);
  t.deepEqual(index.verify().problems, []);
  t.is(segment?.deletedIds.size, 0);
  for (let row = 1; row < ROWS; row += 34) {
    t.deepEqual(segment?.metadataOf(`doc-${row}`), metadata[row]);
    const query = rowOf(vectors, DIMENSION, row);
    const filter = { where: { third: row % 3 } };
    const { hits } = core.segments.search(query, { k: 1, filter });
    t.deepEqual(hits, [{ id: `doc-${row}`, distance: 0 }]);
  }
  await core.queue.write(
    upsertWrite(core, { ids: ['a'], vectors: vectors.subarray(0, 4) }, 'replace'),
  );
  t.is(core.segments.search(vectors.subarray(0, 4), { k: 1 }).hits[0]?.id, 'a');
  await core.log.close();
  await core.lock.release();
  await using again = await Collection.open(FOLDER, settings, { storage: disk });
  t.is(again.size, ROWS / 2 + 1);
});

test('auto: rows come into a scan, then a graph; a compaction picks the kind for their number', async (t) => {
  using disk = new SimulatedDisk();
  const settings = { ...SETTINGS, kind: 'auto' } as const;
  await using collection = await Collection.open(FOLDER, settings, { storage: disk });
  const rowCount = 4_000;
  const names = numberedIds(rowCount);
  const grown = gaussianRows(2, rowCount, DIMENSION);
  const settled = (rows: number) => chooseKind(collection.options, rows, 'settled');
  const kinds = () => collection.stats().segments.map(({ kind }) => kind);
  for (let start = 0; start < rowCount; start += 500) {
    const part = grown.subarray(start * DIMENSION, (start + 500) * DIMENSION);
    await collection.upsert({ ids: names.slice(start, start + 500), vectors: part });
  }
  t.is(kinds()[0], 'flat');
  t.deepEqual(new Set(kinds().slice(1)), new Set(['hnsw']));
  t.is(chooseKind(collection.options, 10, 'growing'), 'flat');
  await collection.compact();
  t.deepEqual(kinds(), [settled(rowCount)]);
  const query = rowOf(grown, DIMENSION, 77);
  t.deepEqual((await collection.search(query, { k: 1 })).hits, [{ id: 'doc-77', distance: 0 }]);
  await collection.delete(names.slice(100));
  await collection.compact();
  t.deepEqual(kinds(), ['flat']);
  t.is(collection.size, 100);
  t.deepEqual((await collection.search(query, { k: 1 })).hits, [{ id: 'doc-77', distance: 0 }]);
});
