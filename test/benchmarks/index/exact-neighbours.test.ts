import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { exactDistances, recallOf } from './exact-neighbours.ts';
import { sampledSet } from './sample-rows.ts';
import type { VectorSet } from './vector-set.ts';

function temporaryFolder(t: { teardown(action: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'starling-bench-truth-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const line: VectorSet = {
  dimension: 1,
  rows: 5,
  queryCount: 1,
  base: Uint8Array.of(10, 12, 14, 20, 30),
  queries: Uint8Array.of(12),
};

test('the truth is the sorted squared distances of the nearest rows', (t) => {
  const set = sampledSet('clustered', { dimension: 7, rows: 120, queryCount: 9, seed: 1 });
  const found = exactDistances(set, 4, temporaryFolder(t));
  for (let query = 0; query < set.queryCount; query++) {
    const all = Array.from({ length: set.rows }, (_, row) => {
      const parts = Array.from({ length: 7 }, (_, d) => {
        const gap = (set.queries[query * 7 + d] ?? 0) - (set.base[row * 7 + d] ?? 0);
        return gap * gap;
      });
      return parts.reduce((a, b) => a + b);
    }).sort((a, b) => a - b);
    t.deepEqual([...found.subarray(query * 4, query * 4 + 4)], all.slice(0, 4));
  }
});

test('a truth is read from its file when rows, queries and k are the same', (t) => {
  const folder = temporaryFolder(t);
  const first = exactDistances(line, 2, folder);
  const [file = ''] = readdirSync(folder);
  t.deepEqual(first, Uint32Array.of(0, 4));
  writeFileSync(join(folder, file), Uint32Array.of(7, 8));
  t.deepEqual(exactDistances(line, 2, folder), Uint32Array.of(7, 8));
  t.deepEqual(exactDistances(line, 1, folder), Uint32Array.of(0));
  const moved = { ...line, queries: Uint8Array.of(13) };
  t.deepEqual(exactDistances(moved, 2, folder), Uint32Array.of(1, 1));
});

test('a truth that was cut short is computed again', (t) => {
  const folder = temporaryFolder(t);
  exactDistances(line, 2, folder);
  const [file = ''] = readdirSync(folder);
  writeFileSync(join(folder, file), readFileSync(join(folder, file)).subarray(0, 3));
  t.deepEqual(exactDistances(line, 2, folder), Uint32Array.of(0, 4));
});

test('equally far rows are interchangeable, and no row counts twice', (t) => {
  const exact = exactDistances(line, 2, temporaryFolder(t));
  t.is(recallOf(line, exact, Int32Array.of(1, 0)), 1);
  t.is(recallOf(line, exact, Int32Array.of(1, 2)), 1);
  t.is(recallOf(line, exact, Int32Array.of(1, 1)), 0.5);
  t.is(recallOf(line, exact, Int32Array.of(3, -1)), 0);
});
