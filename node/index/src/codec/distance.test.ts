import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { FOUND, MEASURE, QUERY } from '../memory/memory-map.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { gaussianRows, numberedIds } from '../sample-vectors.ts';
import { METRICS, type Metric, type VectorType } from '../vector-index.ts';
import { measureOf, rankOfKey } from './distance.ts';

const ROWS = 5;

const plain: Record<Metric, (a: number[], b: number[]) => number> = {
  cosine: (a, b) => 1 - sum(a.map((x, i) => x * (b[i] ?? 0))),
  dot: (a, b) => -sum(a.map((x, i) => x * (b[i] ?? 0))),
  euclidean: (a, b) => sum(a.map((x, i) => (x - (b[i] ?? 0)) ** 2)),
  manhattan: (a, b) => sum(a.map((x, i) => Math.abs(x - (b[i] ?? 0)))),
};

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** What the kernel makes of a query and rows that are stored as they are. */
function kernelRanks(
  metric: Metric,
  query: Float32Array,
  rows: Float32Array,
  vectorType: VectorType = 'f32',
): number[] {
  const dimension = query.length;
  const storing = metric === 'cosine' ? 'dot' : metric;
  const table = new VectorTable({ metric: storing, vectorType, dimension, maxElements: ROWS });
  for (const [row, id] of numberedIds(ROWS).entries()) {
    table.writeSlot(table.takeSlot(), id, rows, row * dimension);
  }
  table.writeQuery(query);
  const { kernel, memory, head, scratch } = table.memory;
  head[MEASURE] = measureOf(metric, vectorType);
  kernel.attach(scratch.address);
  const keys = scratch.head[FOUND] as number;
  kernel.rankRows(scratch.head[QUERY] as number, 0, ROWS, keys);
  const found = new Uint32Array(memory.buffer, keys, ROWS);
  return [...found].map((key) => rankOfKey(key, metric, vectorType));
}

testProp(
  'the kernel agrees with the plain formulas within float32 at every dimension',
  [fc.constantFrom(...METRICS), fc.integer({ min: 1, max: 300 }), fc.nat()],
  (t, metric, dimension, seed) => {
    const query = gaussianRows(seed, 1, dimension);
    const rows = gaussianRows(seed + 1, ROWS, dimension);
    const ranks = kernelRanks(metric, query, rows);
    for (const [row, rank] of ranks.entries()) {
      const other = [...rows.subarray(row * dimension, (row + 1) * dimension)];
      const size = sum(other.map((x, i) => Math.abs(x * (query[i] ?? 0)) + x * x));
      const expected = plain[metric]([...query], other);
      t.true(Math.abs(rank - expected) <= 1e-6 * (1 + size + Math.abs(expected)));
    }
  },
  { seed: 103, numRuns: 200 },
);

test('a rank key orders as its rank does, across zero', (t) => {
  const query = Float32Array.of(1);
  const rows = Float32Array.of(5, 0.5, 0, -0.5, -5);
  t.deepEqual(kernelRanks('dot', query, rows), [-5, -0.5, 0, 0.5, 5]);
});

testProp(
  'ranks of bytes are exact at every dimension and extreme',
  [
    fc.constantFrom<Metric>('euclidean', 'dot'),
    fc.integer({ min: 1, max: 300 }),
    fc.constantFrom(1, 255),
    fc.nat(),
  ],
  (t, metric, dimension, step, seed) => {
    const byte = (value: number) => (Math.abs(Math.trunc(value * 1_000)) * step) & 0xff;
    const query = gaussianRows(seed, 1, dimension).map(byte);
    const rows = gaussianRows(seed + 1, ROWS, dimension).map(byte);
    const expected = Array.from({ length: ROWS }, (_, row) =>
      plain[metric]([...query], [...rows.subarray(row * dimension, (row + 1) * dimension)]),
    );
    t.deepEqual(
      kernelRanks(metric, query, rows, 'u8').map((rank) => rank + 0),
      expected.map((rank) => rank + 0),
    );
  },
  { seed: 105, numRuns: 200 },
);

test('the largest rank of bytes there can be is exact', (t) => {
  const dimension = 65_536;
  const rows = new Float32Array(ROWS * dimension);
  const query = new Float32Array(dimension).fill(255);
  t.is(kernelRanks('euclidean', query, rows, 'u8')[0], dimension * 255 * 255);
  t.is(kernelRanks('dot', query, rows.fill(255), 'u8')[0], -dimension * 255 * 255);
});
