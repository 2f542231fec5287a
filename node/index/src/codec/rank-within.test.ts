import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { HnswGraph } from '../hnsw/hnsw-graph.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { FOUND, QUERY } from '../memory/memory-map.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { gaussianRows, numberedIds } from '../sample-vectors.ts';
import type { VectorType } from '../vector-index.ts';

const ROWS = 8;

/** Of a query and rows: every key in full, and as far as it counts below a worst one. */
function keysOf(query: Float32Array, rows: Float32Array, vectorType: VectorType) {
  const dimension = query.length;
  const table = new VectorTable({
    metric: 'euclidean',
    vectorType,
    dimension,
    maxElements: ROWS,
  });
  table.memory.startBytes = 64;
  for (const [row, id] of numberedIds(ROWS).entries()) {
    table.writeSlot(table.takeSlot(), id, rows, row * dimension);
  }
  table.writeQuery(query);
  const { kernel, memory, scratch } = table.memory;
  const at = scratch.head[FOUND] as number;
  const address = scratch.head[QUERY] as number;
  const read = () => [...new Uint32Array(memory.buffer, at, ROWS)];
  kernel.rankRows(address, 0, ROWS, at);
  const full = read();
  const within = (worst: number) => {
    kernel.rankRowsWithin(address, 0, ROWS, at, worst);
    return read();
  };
  return { full, within };
}

testProp(
  'a rank that is given up early is the full one or above the worst, bit by bit',
  [fc.constantFrom<VectorType>('f32', 'u8'), fc.integer({ min: 1, max: 1_200 }), fc.nat()],
  (t, vectorType, dimension, seed) => {
    const asStored = (value: number) =>
      vectorType === 'u8' ? Math.trunc(value * 1_000) & 255 : value;
    const query = gaussianRows(seed, 1, dimension).map(asStored);
    const rows = gaussianRows(seed + 1, ROWS, dimension).map(asStored);
    const { full, within } = keysOf(query, rows, vectorType);
    const worsts = [0, ...full, ...full.map((key) => Math.max(0, key - 1)), 0xffff_ffff];
    for (const worst of worsts) {
      for (const [row, key] of within(worst).entries()) {
        const whole = full[row] as number;
        if (whole <= worst) t.is(key, whole);
        else t.true(key > worst);
      }
    }
  },
  { seed: 107, numRuns: 100 },
);

for (const vectorType of ['f32', 'u8'] as const) {
  test(`rows of ${vectorType} that are given up early get the same graph and the same hits`, (t) => {
    const [dimension, count] = [300, 400];
    const rows = gaussianRows(5, count, dimension).map((value) => Math.trunc(100 + value * 20));
    const { options } = new HnswIndex({
      metric: 'euclidean',
      vectorType,
      m: 6,
      efConstruction: 30,
      dimension,
    });
    const plain = new HnswIndex(options);
    const graph = new HnswGraph(options);
    graph.memory.startBytes = 64;
    const early = new HnswIndex(options, graph);
    const ids = numberedIds(count);
    plain.insertBatch(ids, rows);
    early.insertBatch(ids, rows);
    for (let row = 0; row < count; row += 20) {
      t.true(plain.delete(ids[row] as string) && early.delete(ids[row] as string));
      const query = rows.subarray(row * dimension, (row + 1) * dimension);
      const search = { k: 5, efSearch: 20 };
      t.deepEqual(early.search(query, search), plain.search(query, search));
    }
    t.is(early.upkeepDistances, plain.upkeepDistances);
    t.deepEqual(early.view().targets(0, 7), plain.view().targets(0, 7));
  });
}
