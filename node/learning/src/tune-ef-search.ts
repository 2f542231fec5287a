// The first search parameter that a site learns from its own queries: efSearch. Recall is measured
// against an exact oracle on queries of the site; nothing is modelled or extrapolated.

import { LearningError } from './learning-error.ts';
import {
  exactAnswers,
  type MeasuredIndex,
  meanOf,
  measureQueries,
  type QueryMeasure,
  rowsOf,
} from './measure-queries.ts';

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
  /** Every query at the chosen rung, in their order; those at odd places are the held-out half. */
  readonly measures: readonly QueryMeasure[];
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
  const rows = rowsOf(queries, index.dimension);
  const { k, recallTarget } = options;
  const exact = await exactAnswers(oracle, rows, k);
  const rungs: Rung[] = [];
  for (const efSearch of efLadder) {
    options.signal?.throwIfAborted();
    rungs.push(summed(efSearch, await measureQueries(index, rows, exact, { k, efSearch })));
  }
  const met = rungs.find(({ row }) => weakerHalf(row) >= recallTarget);
  const chosen = met ?? mostAccurate(rungs);
  return {
    k,
    recallTarget,
    tuningQueries: Math.ceil(rows.length / 2),
    heldOutQueries: Math.floor(rows.length / 2),
    ladder: rungs.map(({ row }) => row),
    chosen: chosen.row,
    isTargetMet: met !== undefined,
    measures: chosen.measures,
  };
}

interface Rung {
  readonly row: LadderRow;
  readonly measures: readonly QueryMeasure[];
}

function summed(efSearch: number, measures: readonly QueryMeasure[]): Rung {
  const recalls = (half: number) =>
    measures.filter((_, row) => row % 2 === half).map(({ recall }) => recall);
  const row = {
    efSearch,
    tuningRecall: meanOf(recalls(0)),
    heldOutRecall: meanOf(recalls(1)),
    distanceComputationsMean: meanOf(measures.map((measure) => measure.distanceComputations)),
  };
  return { row, measures };
}

function weakerHalf(row: LadderRow): number {
  return Math.min(row.tuningRecall, row.heldOutRecall);
}

function mostAccurate(rungs: readonly Rung[]): Rung {
  return rungs.reduce((best, rung) => (weakerHalf(rung.row) > weakerHalf(best.row) ? rung : best));
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
