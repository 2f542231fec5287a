// Exact retrieval metrics over all answers. A model that scores everything alike, or not at all,
// must not look good: ties rank against the answer, and a non-finite score is an error.
import { multiplyTransposed } from './dense-kernels.ts';
import { TrainingError } from './training-error.ts';

export interface RetrievalMetrics {
  readonly queries: number;
  /** Share of queries whose answer ranks among the first ten. */
  readonly recallAt10: number;
  /** Mean of 1 / rank (mean reciprocal rank, Voorhees 1999). */
  readonly mrr: number;
}

const QUERY_BLOCK = 32;
const ANSWER_BLOCK = 128;

/**
 * Ranks every query's target among all answers by dot product.
 *
 * Rank = 1 + number of other answers that score at least as high: ties count against the target.
 *
 * @param queries [n × dimension]
 * @param answers [m × dimension]
 * @param targetRow [n], the answer row of each query; answers are distinct texts
 * @returns means over the n queries; zeros for n = 0
 * @throws TrainingError `shape-mismatch`, or `non-finite-score` when any input or score is NaN or
 *   infinite
 */
export function evaluateRetrieval(
  queries: Float32Array,
  answers: Float32Array,
  targetRow: ArrayLike<number>,
  dimension: number,
): RetrievalMetrics {
  const ranks = targetRanks(queries, answers, targetRow, dimension);
  let hits = 0;
  let reciprocals = 0;
  for (const rank of ranks) {
    if (rank <= 10) hits += 1;
    reciprocals += 1 / rank;
  }
  const n = Math.max(1, ranks.length);
  return { queries: ranks.length, recallAt10: hits / n, mrr: reciprocals / n };
}

/** The rank of every query's target, from 1; arguments and throws as `evaluateRetrieval`. [n] */
export function targetRanks(
  queries: Float32Array,
  answers: Float32Array,
  targetRow: ArrayLike<number>,
  dimension: number,
): Int32Array {
  const n = targetRow.length;
  const m = checkShapes(queries, answers, targetRow, dimension);
  const queryRows = new Float64Array(QUERY_BLOCK * dimension);
  const answerRows = new Float64Array(ANSWER_BLOCK * dimension);
  const scores = new Float64Array(QUERY_BLOCK * ANSWER_BLOCK);
  const ranks = new Int32Array(n);
  const targets = targetScores(queries, answers, targetRow, dimension);
  for (let a = 0; a < m; a += ANSWER_BLOCK) {
    const width = copyBlock(answers, a, Math.min(ANSWER_BLOCK, m - a), answerRows, dimension);
    for (let q = 0; q < n; q += QUERY_BLOCK) {
      const height = copyBlock(queries, q, Math.min(QUERY_BLOCK, n - q), queryRows, dimension);
      multiplyTransposed(queryRows, answerRows, scores, QUERY_BLOCK, ANSWER_BLOCK, dimension);
      for (let i = 0; i < height; i++) {
        const target = targets[q + i] as number;
        let atLeast = 0;
        for (let j = 0; j < width; j++) {
          const score = scores[i * ANSWER_BLOCK + j] as number;
          if (!Number.isFinite(score)) throw nonFinite(`query ${q + i}, answer ${a + j}`, score);
          if (score >= target) atLeast += 1;
        }
        ranks[q + i] = (ranks[q + i] as number) + atLeast;
      }
    }
  }
  return ranks;
}

/** Summed in the kernel's order, so that a target ties with itself and with rows equal to it. */
function targetScores(
  queries: Float32Array,
  answers: Float32Array,
  targetRow: ArrayLike<number>,
  dimension: number,
): Float64Array {
  const scores = new Float64Array(targetRow.length);
  for (let i = 0; i < targetRow.length; i++) {
    const q = i * dimension;
    const a = (targetRow[i] as number) * dimension;
    let score = 0;
    for (let d = 0; d < dimension; d++) {
      score += (queries[q + d] as number) * (answers[a + d] as number);
    }
    if (!Number.isFinite(score)) throw nonFinite(`query ${i}, answer ${targetRow[i]}`, score);
    scores[i] = score;
  }
  return scores;
}

function checkShapes(
  queries: Float32Array,
  answers: Float32Array,
  targetRow: ArrayLike<number>,
  dimension: number,
): number {
  const m = answers.length / dimension;
  if (queries.length !== targetRow.length * dimension || !Number.isInteger(m)) {
    throw new TrainingError(
      'shape-mismatch',
      `${queries.length} query and ${answers.length} answer values for ${targetRow.length} targets` +
        ` of dimension ${dimension}`,
    );
  }
  for (let i = 0; i < targetRow.length; i++) {
    const row = targetRow[i] as number;
    if (!(Number.isInteger(row) && row >= 0 && row < m)) {
      throw new TrainingError(
        'shape-mismatch',
        `target ${row} of query ${i} is not in 0 … ${m - 1}`,
      );
    }
  }
  return m;
}

function copyBlock(
  rows: Float32Array,
  first: number,
  count: number,
  into: Float64Array,
  dimension: number,
): number {
  into.fill(0);
  into.set(rows.subarray(first * dimension, (first + count) * dimension));
  return count;
}

function nonFinite(where: string, score: number): TrainingError {
  return new TrainingError(
    'non-finite-score',
    `score of ${where} is ${score}: the model is broken, keep the previous version`,
  );
}
