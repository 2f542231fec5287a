// The vector index on seeded rows: build, search at several widths, deletes, files; the exact scan
// beside it.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  FlatIndex,
  HnswIndex,
  openHnswIndex,
  recallAtK,
  SeededRandom,
  type VectorIndex,
} from '@starling/index';
import type { Benchmark, BenchmarkContext, Row } from './benchmark.ts';

const DIMENSION = 128;
const QUERIES = 200;
const CLUSTERS = 100;
const WIDTHS = [16, 32, 64, 128];

export const benchmark: Benchmark = {
  name: 'index',
  summary: 'HNSW beside the exact scan: build, search, deletes, files, on seeded rows',
  baseline: 'exact scan',
  async *run(context) {
    const rows = context.isQuick ? 4_000 : 20_000;
    for (const kind of ['clustered', 'independent'] as const) {
      context.progress(`${kind}, ${rows} × ${DIMENSION}`);
      const vectors = sampleRows(kind, rows + QUERIES, context.seed);
      yield* measureCase(`${kind} ${rows} × ${DIMENSION}`, vectors, rows, context);
    }
  },
};

async function* measureCase(
  name: string,
  vectors: Float32Array,
  rows: number,
  context: BenchmarkContext,
): AsyncGenerator<Row> {
  const ids = Array.from({ length: rows }, (_, row) => `row-${row}`);
  const stored = vectors.subarray(0, rows * DIMENSION);
  const queries = vectors.subarray(rows * DIMENSION);
  const repeats = context.isQuick ? 3 : 5;
  const oracle = new FlatIndex({ dimension: DIMENSION, metric: 'cosine' });
  oracle.insertBatch(ids, stored);
  const scan = await context.measure(repeats, () => searchAll(oracle, queries, 1));
  yield row('exact scan', `${name}: search`, {
    queriesPerSecond: QUERIES / scan.median,
    recall: 1,
    distances: rows,
  });
  const build = () => {
    const index = new HnswIndex({ dimension: DIMENSION, metric: 'cosine' });
    index.insertBatch(ids, stored);
    return index;
  };
  const buildSeconds = await context.measure(context.isQuick ? 1 : 3, build);
  const index = build();
  yield row('starling-hnsw', `${name}: build`, { buildSeconds });
  for (const efSearch of WIDTHS) {
    yield await measureSearch(`${name}: search ef ${efSearch}`, index, oracle, {
      queries,
      efSearch,
      context,
      repeats,
    });
  }
  yield await measureFile(name, index, rows);
  yield* measureDeletes(name, index, ids);
}

interface SearchCase {
  readonly queries: Float32Array;
  readonly efSearch: number;
  readonly repeats: number;
  readonly context: BenchmarkContext;
}

async function measureSearch(
  name: string,
  index: VectorIndex,
  oracle: VectorIndex,
  { queries, efSearch, repeats, context }: SearchCase,
): Promise<Row> {
  const exact = searchAll(oracle, queries, 1);
  const found = searchAll(index, queries, efSearch);
  const seconds = await context.measure(repeats, () => searchAll(index, queries, efSearch));
  const recall = found.reduce((sum, { hits }, i) => sum + recallAtK(hits, exact[i]?.hits ?? []), 0);
  const distances = found.reduce((sum, result) => sum + result.distanceComputations, 0);
  return row('starling-hnsw', name, {
    queriesPerSecond: QUERIES / seconds.median,
    recall: recall / QUERIES,
    distances: distances / QUERIES,
  });
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
    return row('starling-hnsw', `${name}: file`, {
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
  yield row('starling-hnsw', `${name}: delete half`, { deleteMs, unreachable: live - reachable });
}

function searchAll(index: VectorIndex, queries: Float32Array, efSearch: number) {
  return Array.from({ length: QUERIES }, (_, at) =>
    index.search(queries.subarray(at * DIMENSION, (at + 1) * DIMENSION), { k: 10, efSearch }),
  );
}

/** Near-Gaussian rows (sums of uniforms), around cluster centres or on their own. */
function sampleRows(kind: 'clustered' | 'independent', rows: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  const noise = () =>
    random.nextOpenUnit() +
    random.nextOpenUnit() +
    random.nextOpenUnit() +
    random.nextOpenUnit() -
    2;
  const centres = Float32Array.from({ length: CLUSTERS * DIMENSION }, noise);
  const vectors = new Float32Array(rows * DIMENSION);
  for (let at = 0; at < rows; at++) {
    const centre = Math.floor(random.nextOpenUnit() * CLUSTERS) * DIMENSION;
    for (let d = 0; d < DIMENSION; d++) {
      const middle = kind === 'clustered' ? (centres[centre + d] as number) : 0;
      vectors[at * DIMENSION + d] = middle + noise() * (kind === 'clustered' ? 0.3 : 1);
    }
  }
  return vectors;
}

function row(contender: string, name: string, figures: Row['figures']): Row {
  return { contender, case: name, figures };
}
