// What a delete costs at three sizes, and what deletes and churn leave behind.

import type { BenchmarkContext, Row } from '../benchmark.ts';
import { secondsOf } from './engines/engine.ts';
import { NO_UPKEEP_COUNT } from './engines/starling-abilities.ts';
import { LiveRows } from './live-rows.ts';
import { MNIST_FOLDER, readMnist } from './mnist-images.ts';
import { sampledSet } from './sample-rows.ts';
import { deformedMnist, type VectorSet } from './vector-set.ts';

const CONTENDER = 'starling-u8';
const DIMENSION = 128;
const QUERIES = 500;
const SIZES = [8_000, 32_000, 128_000];
const QUICK_SIZES = [2_000, 4_000, 8_000];
/** Deletes that the cost of one is taken from. */
const COUNTED_DELETES = 500;
const CHURN_ROUNDS = 10;
const CHURN_SHARE = 0.1;

export function* measureDeletes(context: BenchmarkContext): Generator<Row> {
  const sizes = context.isQuick ? QUICK_SIZES : SIZES;
  for (const rows of sizes) {
    context.signal.throwIfAborted();
    context.progress(`deletes: ${rows} rows`);
    yield costRow(vectorSetOf(rows, context), context);
  }
  const rows = sizes[1] as number;
  context.progress(`deletes: half and nine tenths of ${rows}`);
  yield* shrunkRows(vectorSetOf(rows, context), context);
  context.signal.throwIfAborted();
  context.progress(`deletes: ${CHURN_ROUNDS} rounds of churn`);
  yield churnedRow(vectorSetOf(2 * rows, context), rows, context);
}

function vectorSetOf(rows: number, { progress, seed }: BenchmarkContext): VectorSet {
  const size = { dimension: DIMENSION, rows, queryCount: QUERIES, seed };
  const images = readMnist();
  if (images !== undefined) return deformedMnist(images, size);
  progress(`deletes: clustered rows in place of mnist: ${MNIST_FOLDER} is not there`);
  return sampledSet('clustered', size);
}

function costRow(set: VectorSet, { progress, seed }: BenchmarkContext): Row {
  const rows = new LiveRows(set, seed);
  rows.insert(0, set.rows);
  const before = rows.index.upkeepDistances;
  const seconds = secondsOf(() => rows.deleteSome(COUNTED_DELETES));
  const after = rows.index.upkeepDistances;
  if (before === undefined || after === undefined) {
    progress(`distances per delete are skipped: ${NO_UPKEEP_COUNT}`);
  }
  return {
    table: `one delete of ${COUNTED_DELETES}`,
    contender: CONTENDER,
    case: `${set.rows} × ${set.dimension}`,
    figures: {
      ...(before === undefined || after === undefined
        ? {}
        : { distancesPerDelete: (after - before) / COUNTED_DELETES }),
      millisPerDelete: (1_000 * seconds) / COUNTED_DELETES,
      ...unreachableIn(rows),
    },
  };
}

function* shrunkRows(set: VectorSet, { seed }: BenchmarkContext): Generator<Row> {
  const rows = new LiveRows(set, seed);
  rows.insert(0, set.rows);
  for (const percent of [50, 90]) {
    rows.deleteSome(rows.size - Math.round(set.rows * (1 - percent / 100)));
    yield qualityRow(`${set.rows} × ${set.dimension}, ${percent} % deleted`, rows);
  }
}

/** Every round deletes a share of the rows at random and inserts as many that were never there. */
function churnedRow(set: VectorSet, size: number, { seed, signal }: BenchmarkContext): Row {
  const rows = new LiveRows(set, seed);
  rows.insert(0, size);
  const share = Math.round(size * CHURN_SHARE);
  for (let round = 0; round < CHURN_ROUNDS; round++) {
    signal.throwIfAborted();
    rows.deleteSome(share);
    rows.insert(size + round * share, share);
  }
  return qualityRow(`${size} × ${set.dimension}, ${CHURN_ROUNDS} rounds of churn`, rows);
}

function qualityRow(name: string, rows: LiveRows): Row {
  const { fresh, own } = rows.quality();
  return {
    table: 'after deletes, beside an index built afresh from the same rows',
    contender: CONTENDER,
    case: name,
    figures: {
      recall: own.recall,
      freshRecall: fresh.recall,
      distances: own.distances,
      freshDistances: fresh.distances,
      ...unreachableIn(rows),
    },
  };
}

function unreachableIn({ index }: LiveRows): { unreachable: number } {
  const { live, reachable } = index.verify();
  return { unreachable: live - reachable };
}
