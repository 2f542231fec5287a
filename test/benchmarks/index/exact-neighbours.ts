// The truth that recall is counted against: an exact scan, kept in the temporary folder under the
// hash of what it was computed from.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlatIndex } from '@starling/index';
import type { VectorSet } from './vector-set.ts';

export const TRUTH_FOLDER = join(tmpdir(), 'starling-bench-truth');

/** Squared euclidean distances from every query to its k nearest rows, nearest first. */
export type NeighbourDistances = Uint32Array;

/**
 * Reads the truth from `folder`, or computes and keeps it.
 *
 * @returns `[queryCount × k]`
 */
export function exactDistances(
  set: VectorSet,
  k: number,
  folder = TRUTH_FOLDER,
): NeighbourDistances {
  const file = join(folder, `${contentHash(set, k)}.u32`);
  const bytes = set.queryCount * k * Uint32Array.BYTES_PER_ELEMENT;
  if (existsSync(file)) {
    const kept = readFileSync(file);
    if (kept.length === bytes) return new Uint32Array(Uint8Array.from(kept).buffer);
  }
  const found = scan(set, k);
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, found);
  renameSync(draft, file);
  return found;
}

/**
 * The share of the k nearest that was found, over all queries. A row counts when it is no farther
 * than the k-th nearest, so equal distances are interchangeable, and counts once.
 *
 * @param labels - `[queryCount × k]`, row numbers; −1 where fewer were found
 */
export function recallOf(set: VectorSet, exact: NeighbourDistances, labels: Int32Array): number {
  const k = exact.length / set.queryCount;
  let hits = 0;
  for (let query = 0; query < set.queryCount; query++) {
    const farthest = exact[(query + 1) * k - 1] as number;
    for (const row of new Set(labels.subarray(query * k, (query + 1) * k))) {
      if (row >= 0 && squaredDistance(set, query, row) <= farthest) hits++;
    }
  }
  return hits / exact.length;
}

const CHUNK_ROWS = 10_000;

function contentHash({ base, dimension, queries }: VectorSet, k: number): string {
  return createHash('sha256')
    .update(`${dimension} ${k} `)
    .update(base)
    .update(queries)
    .digest('hex');
}

function scan(set: VectorSet, k: number): NeighbourDistances {
  const { base, dimension, queries, queryCount, rows } = set;
  const index = new FlatIndex({
    dimension,
    metric: 'euclidean',
    vectorType: 'u8',
    maxElements: rows,
  });
  for (let first = 0; first < rows; first += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows - first);
    const ids = Array.from({ length: count }, (_, row) => `${first + row}`);
    const chunk = base.subarray(first * dimension, (first + count) * dimension);
    index.insertBatch(ids, Float32Array.from(chunk));
  }
  const distances = new Uint32Array(queryCount * k);
  for (let query = 0; query < queryCount; query++) {
    const vector = Float32Array.from(queries.subarray(query * dimension, (query + 1) * dimension));
    for (const [rank, { id }] of index.search(vector, { k }).hits.entries()) {
      distances[query * k + rank] = squaredDistance(set, query, Number(id));
    }
  }
  return distances;
}

function squaredDistance(
  { base, dimension, queries }: VectorSet,
  query: number,
  row: number,
): number {
  let sum = 0;
  for (let d = 0; d < dimension; d++) {
    const gap = (queries[query * dimension + d] as number) - (base[row * dimension + d] as number);
    sum += gap * gap;
  }
  return sum;
}
