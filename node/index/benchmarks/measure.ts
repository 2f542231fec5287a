// Prints the figures of the README: build, search, deletes and files, on seeded data.
// Run: node node/index/benchmarks/measure.ts [rows] [dimension]

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlatIndex } from '../src/flat-index.ts';
import { HnswIndex } from '../src/hnsw-index.ts';
import { openHnswIndex } from '../src/open-index.ts';
import { recallAtK } from '../src/recall.ts';
import {
  clusteredRows,
  gaussianRows,
  numberedIds,
  rowOf,
  shuffledIntegers,
} from '../src/sample-vectors.ts';
import type { VectorIndex } from '../src/vector-index.ts';

const rows = Number(process.argv[2] ?? 4_000);
const dimension = Number(process.argv[3] ?? 128);
const QUERIES = 200;

/** The shortest of several runs: what the machine can do when nobody else is on it. */
function shortestMs(runs: number, run: () => void): number {
  let shortest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const start = performance.now();
    run();
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest;
}

function searchAll(index: VectorIndex, queries: Float32Array, efSearch: number) {
  return Array.from({ length: QUERIES }, (_, row) =>
    index.search(rowOf(queries, dimension, row), { k: 10, efSearch }),
  );
}

function printSearches(
  label: string,
  index: VectorIndex,
  oracle: VectorIndex,
  queries: Float32Array,
) {
  const exact = searchAll(oracle, queries, 1);
  for (const efSearch of [16, 32, 64, 128]) {
    const found = searchAll(index, queries, efSearch);
    const ms = shortestMs(7, () => searchAll(index, queries, efSearch));
    const recall = found.reduce(
      (sum, { hits }, i) => sum + recallAtK(hits, exact[i]?.hits ?? []),
      0,
    );
    const computations = found.reduce((sum, result) => sum + result.distanceComputations, 0);
    console.log(
      `${label} ef ${efSearch}: recall@10 ${(recall / QUERIES).toFixed(4)}, ` +
        `${(computations / QUERIES).toFixed(0)} distances, ${(ms / QUERIES).toFixed(3)} ms`,
    );
  }
}

async function printFile(index: HnswIndex): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'starling-index-'));
  const start = performance.now();
  await index.save(folder);
  const saved = performance.now();
  await openHnswIndex(folder);
  const opened = performance.now();
  const { size } = await stat(join(folder, 'vectors.index'));
  await rm(folder, { recursive: true });
  console.log(
    `file: ${(size / rows).toFixed(0)} bytes per row, ` +
      `save ${(saved - start).toFixed(0)} ms, open ${(opened - saved).toFixed(0)} ms`,
  );
}

async function measure(name: string, vectors: Float32Array, queries: Float32Array) {
  const ids = numberedIds(rows);
  const build = () => {
    const index = new HnswIndex({ dimension, metric: 'cosine' });
    index.insertBatch(ids, vectors);
    return index;
  };
  console.log(`\n${name}: ${rows} × ${dimension}, build ${shortestMs(3, build).toFixed(0)} ms`);
  const index = build();
  const oracle = new FlatIndex({ dimension, metric: 'cosine' });
  oracle.insertBatch(ids, vectors);
  printSearches('all rows', index, oracle, queries);
  const scanMs = shortestMs(3, () => searchAll(oracle, queries, 1)) / QUERIES;
  console.log(`exact scan: ${scanMs.toFixed(3)} ms`);
  await printFile(index);
  const gone = shuffledIntegers(9, rows).slice(0, rows / 2);
  const start = performance.now();
  for (const row of gone) index.delete(ids[row] ?? '');
  const deleteMs = (performance.now() - start) / gone.length;
  for (const row of gone) oracle.delete(ids[row] ?? '');
  console.log(`delete: ${deleteMs.toFixed(3)} ms, ${index.verify().problems.length} problems`);
  printSearches('half deleted', index, oracle, queries);
}

await measure(
  'clustered',
  clusteredRows(1, rows, dimension, 100),
  clusteredRows(1, rows + QUERIES, dimension, 100).slice(rows * dimension),
);
await measure('independent', gaussianRows(3, rows, dimension), gaussianRows(4, QUERIES, dimension));
