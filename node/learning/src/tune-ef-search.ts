// The first search parameter that a site learns from its own queries: efSearch. Recall is measured
// against an exact oracle on queries of the site; nothing is modelled or extrapolated.

import { recallAtK, type SearchHit, type SearchOptions, type SearchResult } from '@starling/index';
import { LearningError } from './learning-error.ts';

/** What is measured: an index in memory, or a collection, which answers later. */
export interface MeasuredIndex {
  readonly dimension: number;
  readonly metric: string;
  readonly size: number;
  search(query: Float32Array, options: SearchOptions): SearchResult | Promise<SearchResult>;
}

export interface TuneOptions {
  readonly k: number;
  /** Mean recall@k that the held-out queries must reach, in (0, 1]. */
  readonly recallTarget: number;
  /** The values of efSearch to try, strictly ascending. */
  readonly efLadder?: readonly number[];
  /** Checked between rungs. */
  readonly signal?: AbortSignal;
}

/** What was measured at one efSearch. Means over the queries of each half. */
export interface LadderRow {
  readonly efSearch: number;
  readonly tuningRecall: number;
  readonly heldOutRecall: number;
  readonly distanceComputationsMean: number;
}

export interface TuneEvidence {
  readonly k: number;
  readonly recallTarget: number;
  readonly tuningQueries: number;
  readonly heldOutQueries: number;
  /** Every rung, measured, in ascending order of efSearch. */
  readonly ladder: readonly LadderRow[];
  /** The row that was chosen; the most accurate measured one when the target was missed. */
  readonly chosen: LadderRow;
  /** Whether both halves reached the target at the chosen efSearch. */
  readonly isTargetMet: boolean;
}

export const TUNE_LIMITS = Object.freeze({
  /** One query per half, or there is nothing to hold out. */
  queriesMin: 2,
  rungsMax: 64,
});

export const EF_LADDER_DEFAULT: readonly number[] = Object.freeze([
  10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512,
]);

/**
 * Measures recall@k on a ladder of efSearch and chooses the smallest rung at which the tuning half
 * and the held-out half of the queries both reach the target. Queries alternate between the
 * halves, so that a drift over time is in both.
 *
 * @param oracle - an exact index over the same rows
 * @param queries - `[count × dimension]`, count >= 2; the site's own
 * @throws LearningError `sample-too-small`, `invalid-option`, `indexes-differ`
 */
export async function tuneEfSearch(
  index: MeasuredIndex,
  oracle: MeasuredIndex,
  queries: Float32Array,
  options: TuneOptions,
): Promise<TuneEvidence> {
  const efLadder = options.efLadder ?? EF_LADDER_DEFAULT;
  checkTuning(index, oracle, queries, { ...options, efLadder });
  const { dimension } = index;
  const rows = Array.from({ length: queries.length / dimension }, (_, row) =>
    queries.subarray(row * dimension, (row + 1) * dimension),
  );
  const exact: (readonly SearchHit[])[] = [];
  for (const query of rows) exact.push((await oracle.search(query, { k: options.k })).hits);
  const ladder: LadderRow[] = [];
  for (const efSearch of efLadder) {
    options.signal?.throwIfAborted();
    ladder.push(await measureRung(index, rows, exact, options.k, efSearch));
  }
  const { recallTarget } = options;
  const met = ladder.find((row) => weakerHalf(row) >= recallTarget);
  return {
    k: options.k,
    recallTarget,
    tuningQueries: Math.ceil(rows.length / 2),
    heldOutQueries: Math.floor(rows.length / 2),
    ladder,
    chosen: met ?? mostAccurate(ladder),
    isTargetMet: met !== undefined,
  };
}

async function measureRung(
  index: MeasuredIndex,
  rows: readonly Float32Array[],
  exact: readonly (readonly SearchHit[])[],
  k: number,
  efSearch: number,
): Promise<LadderRow> {
  const recallSums: [number, number] = [0, 0];
  let computations = 0;
  for (const [row, query] of rows.entries()) {
    const found = await index.search(query, { k, efSearch });
    recallSums[row % 2 === 0 ? 0 : 1] += recallAtK(found.hits, exact[row] ?? []);
    computations += found.distanceComputations;
  }
  return {
    efSearch,
    tuningRecall: recallSums[0] / Math.ceil(rows.length / 2),
    heldOutRecall: recallSums[1] / Math.floor(rows.length / 2),
    distanceComputationsMean: computations / rows.length,
  };
}

function weakerHalf(row: LadderRow): number {
  return Math.min(row.tuningRecall, row.heldOutRecall);
}

function mostAccurate(ladder: readonly LadderRow[]): LadderRow {
  return ladder.reduce((best, row) => (weakerHalf(row) > weakerHalf(best) ? row : best));
}

function checkTuning(
  index: MeasuredIndex,
  oracle: MeasuredIndex,
  queries: Float32Array,
  options: TuneOptions & { readonly efLadder: readonly number[] },
): void {
  const { efLadder, recallTarget } = options;
  const { queriesMin, rungsMax } = TUNE_LIMITS;
  const refuse = (message: string) => new LearningError('invalid-option', message);
  if (!(recallTarget > 0 && recallTarget <= 1)) {
    throw refuse(`recallTarget = ${recallTarget} violates 0 < recallTarget <= 1`);
  }
  if (efLadder.length < 1 || efLadder.length > rungsMax) {
    throw refuse(`${efLadder.length} rungs violate 1 <= rungs <= rungsMax = ${rungsMax}`);
  }
  if (efLadder.some((ef, rung) => rung > 0 && ef <= (efLadder[rung - 1] ?? ef))) {
    throw refuse(`efLadder = [${efLadder.join(', ')}] must be strictly ascending`);
  }
  const same = ['dimension', 'metric', 'size'] as const;
  const differing = same.find((fact) => index[fact] !== oracle[fact]);
  if (differing !== undefined) {
    throw new LearningError(
      'indexes-differ',
      `${differing} is ${index[differing]} in the index and ${oracle[differing]} in the oracle; ` +
        'build the oracle from the same rows',
    );
  }
  if (queries.length % index.dimension !== 0) {
    throw refuse(`${queries.length} components are no whole queries of ${index.dimension}`);
  }
  if (queries.length / index.dimension < queriesMin || index.size === 0) {
    throw new LearningError(
      'sample-too-small',
      `${queries.length / index.dimension} queries over ${index.size} rows; recall needs ` +
        `queriesMin = ${queriesMin} queries and one row, wait until the site has them`,
    );
  }
}
