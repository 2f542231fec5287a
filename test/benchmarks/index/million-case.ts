// A million rows of bytes through a whole life: build, search, save, open, deletes. In a process of
// its own, so that the peak of its memory is the index and the rows it came from.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { exactDistances, recallOf } from './exact-neighbours.ts';
import type { MillionReport, MillionTask } from './million-worker.ts';
import { MNIST_FOLDER, readMnist } from './mnist-images.ts';
import { deformedMnist } from './vector-set.ts';

const CONTENDER = 'starling-u8';
const DIMENSION = 128;
const ROWS = 1_000_000;
const QUICK_ROWS = 20_000;
const QUERIES = 500;
const K = 10;
const EF_SEARCHES = [20, 40, 80, 160];
const REPORT_BYTES_MAX = 64 * 2 ** 20;

/** Nothing when MNIST is not there. */
export async function measureMillion(context: BenchmarkContext): Promise<Row[]> {
  const { isQuick, progress, seed, signal } = context;
  const images = readMnist();
  if (images === undefined) {
    progress(`million is skipped: ${MNIST_FOLDER} is not there`);
    return [];
  }
  const rows = isQuick ? QUICK_ROWS : ROWS;
  progress(`million: deforming ${rows} images`);
  const set = deformedMnist(images, { dimension: DIMENSION, rows, queryCount: QUERIES, seed });
  progress('million: exact neighbours');
  const exact = exactDistances(set, K);
  const folder = await mkdtemp(join(tmpdir(), 'starling-bench-million-'));
  try {
    await writeFile(join(folder, 'base.u8'), set.base);
    await writeFile(join(folder, 'queries.u8'), set.queries);
    const shape = { rows, dimension: DIMENSION, queryCount: QUERIES, k: K };
    progress('million: build, search, save, open, delete');
    const report = await run({ folder, ...shape, efSearches: EF_SEARCHES, seed }, signal);
    return rowsOf(report, `${rows} × ${DIMENSION}`, (labels) =>
      recallOf(set, exact, Int32Array.from(labels)),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(task: MillionTask, signal: AbortSignal): Promise<MillionReport> {
  const worker = join(import.meta.dirname, 'million-worker.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [worker, JSON.stringify(task)], {
    signal,
    maxBuffer: REPORT_BYTES_MAX,
  });
  return JSON.parse(stdout) as MillionReport;
}

function rowsOf(
  { passes, ...report }: MillionReport,
  name: string,
  recall: (labels: readonly number[]) => number,
): Row[] {
  const searches = passes.map(({ distances, efSearch, labels, queriesPerSecond }) => ({
    table: 'searches',
    contender: CONTENDER,
    case: name,
    figures: { efSearch, recall: recall(labels), queriesPerSecond, distances },
  }));
  const life = { table: 'the life of an index', contender: CONTENDER, case: name, figures: report };
  return [...searches, life];
}
