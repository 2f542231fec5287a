// The vector index: build, search at several widths, deletes, files; the exact scan beside it. On
// seeded rows, and on MNIST (784-d and a projection to 128-d) where it lies beside the repository.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FlatIndex,
  HnswIndex,
  type Metric,
  openHnswIndex,
  recallAtK,
  type SearchResult,
  type VectorIndex,
  type VectorType,
} from '@starling/index';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';
import { MNIST_DIMENSION, MNIST_FOLDER, mnistRows, projectedRows } from './index/mnist-rows.ts';
import { sampleRows } from './index/sample-rows.ts';

const DIMENSION = 128;
const QUERIES = 200;
const WIDTHS = [16, 32, 64, 128];

/** Rows and, behind them, queries. */
interface Data {
  readonly name: string;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rows: number;
  /** `[(rows + QUERIES) × dimension]` */
  readonly vectors: Float32Array;
  /** What can hold the rows exactly. */
  readonly types: readonly VectorType[];
}

export const benchmark: Benchmark = {
  name: 'index',
  summary: 'HNSW beside the exact scan: build, search, deletes, files',
  baseline: 'exact scan',
  async *run(context) {
    for (const data of dataSets(context)) {
      context.progress(`${data.name}, ${data.metric}`);
      yield* measureCase(data, context);
    }
  },
};

function* dataSets({ isQuick, progress, seed }: BenchmarkContext): Generator<Data> {
  const dimension = DIMENSION;
  const rows = isQuick ? 4_000 : 20_000;
  for (const kind of ['clustered', 'independent'] as const) {
    const vectors = sampleRows(kind, rows + QUERIES, dimension, seed);
    const name = `${kind} ${rows} × ${dimension}`;
    yield { name, metric: 'cosine', dimension, rows, vectors, types: ['f32'] };
  }
  const images = mnistRows(rows + QUERIES);
  if (images === undefined) {
    progress(`mnist is skipped: ${MNIST_FOLDER} is not there`);
    return;
  }
  const mnist = { metric: 'euclidean', rows } as const;
  const full = { dimension: MNIST_DIMENSION, vectors: images, types: ['f32', 'u8'] } as const;
  yield { name: `mnist ${rows} × ${MNIST_DIMENSION}`, ...mnist, ...full };
  const vectors = projectedRows(images, dimension, seed);
  yield { name: `mnist ${rows} × ${dimension}`, ...mnist, dimension, vectors, types: ['f32'] };
}

async function* measureCase(data: Data, context: BenchmarkContext): AsyncGenerator<Row> {
  const { dimension, metric, name, rows, vectors } = data;
  const ids = Array.from({ length: rows }, (_, row) => `row-${row}`);
  const stored = vectors.subarray(0, rows * dimension);
  const queries = vectors.subarray(rows * dimension);
  const repeats = context.isQuick ? 3 : 5;
  const oracle = new FlatIndex({ dimension, metric });
  oracle.insertBatch(ids, stored);
  const scan = await context.measure(repeats, () => searchAll(oracle, queries, 1));
  yield row('exact scan', `${name}: search`, {
    queriesPerSecond: QUERIES / scan.median,
    recall: 1,
    distances: rows,
  });
  const indexes = new Map<VectorType, HnswIndex>();
  for (const vectorType of data.types) {
    const buildSeconds = await context.measure(context.isQuick ? 1 : 3, () => {
      const index = new HnswIndex({ dimension, metric, vectorType });
      index.insertBatch(ids, stored);
      indexes.set(vectorType, index);
    });
    yield row(`starling-${vectorType}`, `${name}: build`, { buildSeconds });
  }
  const exact = searchAll(oracle, queries, 1);
  for (const efSearch of WIDTHS) {
    const found = { name: `${name}: search ef ${efSearch}`, queries, exact, efSearch, repeats };
    for (const index of indexes.values()) yield await measureSearch(index, found, context);
  }
  for (const index of indexes.values()) {
    yield await measureFile(name, index, rows);
    yield* measureDeletes(name, index, ids);
  }
}

interface SearchCase {
  readonly name: string;
  readonly queries: Float32Array;
  readonly exact: readonly SearchResult[];
  readonly efSearch: number;
  readonly repeats: number;
}

async function measureSearch(
  index: HnswIndex,
  { name, queries, exact, efSearch, repeats }: SearchCase,
  context: BenchmarkContext,
): Promise<Row> {
  const found = searchAll(index, queries, efSearch);
  const seconds = await context.measure(repeats, () => searchAll(index, queries, efSearch));
  const recall = found.reduce((sum, { hits }, i) => sum + recallAtK(hits, exact[i]?.hits ?? []), 0);
  const distances = found.reduce((sum, result) => sum + result.distanceComputations, 0);
  return row(contenderOf(index), name, {
    queriesPerSecond: QUERIES / seconds.median,
    recall: recall / QUERIES,
    distances: distances / QUERIES,
  });
}

function contenderOf({ options }: HnswIndex): string {
  return `starling-${options.vectorType}`;
}

async function measureFile(name: string, index: HnswIndex, rows: number): Promise<Row> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-bench-index-'));
  try {
    const startedMs = performance.now();
    await index.save(folder);
    const savedMs = performance.now();
    await openHnswIndex(folder);
    const openedMs = performance.now();
    const { size } = await stat(join(folder, 'vectors.index'));
    return row(contenderOf(index), `${name}: file`, {
      bytesPerRow: size / rows,
      saveMs: savedMs - startedMs,
      openMs: openedMs - savedMs,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function* measureDeletes(name: string, index: HnswIndex, ids: readonly string[]) {
  const gone = ids.filter((_, at) => at % 2 === 0);
  const startedMs = performance.now();
  for (const id of gone) index.delete(id);
  const deleteMs = (performance.now() - startedMs) / gone.length;
  const { live, reachable } = index.verify();
  yield row(contenderOf(index), `${name}: delete half`, {
    deleteMs,
    unreachable: live - reachable,
  });
}

function searchAll(index: VectorIndex, queries: Float32Array, efSearch: number) {
  const { dimension } = index;
  return Array.from({ length: QUERIES }, (_, at) =>
    index.search(queries.subarray(at * dimension, (at + 1) * dimension), { k: 10, efSearch }),
  );
}

function row(contender: string, name: string, figures: Row['figures']): Row {
  return { contender, case: name, figures };
}
