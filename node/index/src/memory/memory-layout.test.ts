import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { type Layout, scratchLayout, sharedLayout } from './memory-layout.ts';
import * as memoryMap from './memory-map.ts';

const shapes = fc.record({
  capacity: fc.integer({ min: 1, max: 100_000 }),
  rowBytes: fc.integer({ min: 1, max: 300 }).map((units) => units * 16),
  queryBytes: fc.integer({ min: 1, max: 5_000 }),
  exactRowBytes: fc.constantFrom(0, 16, 4_096),
  m: fc.constantFrom(0, 2, 16, 128),
});

function isDisjoint({ regions, endBytes }: Layout, startBytes: number): boolean {
  let end = startBytes;
  for (const { address, bytes } of regions) {
    if (address < end || address % 64 !== 0) return false;
    end = address + bytes;
  }
  return end <= endBytes;
}

testProp(
  'regions and scratch areas are aligned and disjoint for every shape',
  [shapes],
  (t, shape) => {
    const shared = sharedLayout(shape);
    t.true(isDisjoint(shared, memoryMap.HEAD_BYTES));
    const scratch = scratchLayout(shape, shared.endBytes);
    t.true(isDisjoint(scratch, shared.endBytes + memoryMap.SCRATCH_HEAD_BYTES));
  },
  { seed: 104, numRuns: 100 },
);

test('no two things have the same word of a head', (t) => {
  const words = new Map<string, number>(Object.entries(memoryMap));
  const heads = [
    'ROWS LINKS DEGREES DIVERSE_DEGREES LAYER_COUNTS PARENTS TREE_DEGREES ALIVE UPPER_OFFSETS ' +
      'UPPER LOCKS CAPACITY ROW_BYTES MEASURE M_LINKS EF_CONSTRUCTION BASE_DEGREE_MAX ' +
      'SLOT_COUNT ENTRY ENTRY_LOCK DEAD_COUNT',
    'DISTANCES EXPANDED LINKS_READ CANDIDATES_MAX QUERY FRESH AROUND SOURCES SOURCE_DEGREES ' +
      'WAITING RESULTS FOUND POOL CHOSEN DISCARDED MARKS ACCEPT CANDIDATES',
  ];
  for (const names of heads.map((head) => head.split(' '))) {
    t.is(new Set(names.map((name) => words.get(name))).size, names.length);
  }
});

test('a full memory is within a tenth of codes and links', (t) => {
  const m = 16;
  const rows = 20_000;
  const index = new HnswIndex({ dimension: 128, metric: 'euclidean', vectorType: 'u8', m });
  index.reserve(rows);
  const { bookkeeping, capacity, codes, ids, links, scratch } = index.memoryUsage();
  const total = (bookkeeping + codes + ids + links + scratch) / capacity;
  const upperLinks = m / (m - 1);
  t.true(total <= 1.1 * (128 + 4 * (2 * m + upperLinks)), `${total} bytes per row`);
});

test('a batch that 32-bit addresses cannot reach is refused and changes nothing', (t) => {
  const index = new HnswIndex({ dimension: 65_536, metric: 'euclidean', maxElements: 20_000 });
  index.insertBatch(['a'], new Float32Array(65_536).fill(1));
  const error = t.throws(() => index.reserve(20_000), { instanceOf: IndexError });
  t.is(error.code, 'limit-exceeded');
  t.regex(error.message, /split the rows/);
  t.is(index.search(new Float32Array(65_536).fill(1), { k: 1 }).hits[0]?.distance, 0);
});

test('an index whose memory reaches past 2 GiB works at its far end', (t) => {
  const dimension = 65_536;
  const index = new HnswIndex({ dimension, metric: 'euclidean', m: 2, efConstruction: 4 });
  index.reserve(10_000);
  t.true(index.memoryUsage().codes > 2 ** 31);
  const rows = Float32Array.from({ length: 3 * dimension }, (_, i) => i % 97);
  index.insertBatch(['a', 'b', 'c'], rows);
  for (const [row, id] of ['a', 'b', 'c'].entries()) {
    const query = rows.subarray(row * dimension, (row + 1) * dimension);
    t.deepEqual(index.search(query, { k: 1 }).hits, [{ id, distance: 0 }]);
  }
  index.delete('a');
  t.deepEqual(index.verify().problems, []);
});
