import test from 'ava';
import { LiveRows } from './live-rows.ts';
import { sampledSet } from './sample-rows.ts';

test('after deletes and inserts, an index is compared with one built from the same rows', (t) => {
  const set = sampledSet('clustered', { dimension: 8, rows: 400, queryCount: 30, seed: 1 });
  const rows = new LiveRows(set, 5);
  rows.insert(0, 300);
  rows.deleteSome(100);
  rows.insert(300, 100);
  t.deepEqual([rows.size, rows.index.size], [300, 300]);
  const { fresh, own } = rows.quality();
  t.true(own.recall > 0.98 && fresh.recall > 0.98, `${own.recall}, ${fresh.recall}`);
  t.true(own.distances > 10 && fresh.distances > 10);
});
