// What a site says of a foreign pattern: measured on its own held-out queries, or nothing.

import { toMicros } from '@starling/shared';
import {
  exactAnswers,
  type MeasuredIndex,
  meanOf,
  measureQueries,
  medianOf,
  type QueryMeasure,
  recallLowerBound,
  rowsOf,
} from '../measure-queries.ts';
import { evenly, joined } from './learn-patterns.ts';
import {
  isNowhere,
  isSearchable,
  PATTERN_LIMITS,
  type SearchPattern,
  squaredDistance,
} from './search-pattern.ts';

export type PatternVerdict = 'accept' | 'reject' | 'abstain';

export interface PatternEvaluation {
  readonly verdict: PatternVerdict;
  /** Own held-out queries that were measured; unmeasured, those within the radius. */
  readonly queries: number;
  /** Mean recall. */
  readonly recallMicros: number;
  /** Its one-sided 95 % lower bound. */
  readonly recallBoundMicros: number;
  /** Median distance computations with the pattern over those without, in millionths. */
  readonly costRatioMicros: number;
  /** It finds less here than today's width does: not to be used, whatever others say. */
  readonly findsLess: boolean;
}

/** A site's own queries that no pattern of its own was learned from. */
export interface HeldOutQueries {
  /** In the base space, quantised as patterns are. */
  readonly points: readonly Int8Array[];
  /** `[points × index dimension]` */
  readonly encoded: Float32Array;
}

/** What is searched, and how wide today. */
export interface SearchedSite {
  readonly index: MeasuredIndex;
  /** Exact, over the same rows. */
  readonly oracle: MeasuredIndex;
  readonly efSearch: number;
}

export interface AcceptanceRules {
  /** With fewer held-out queries a site abstains. */
  readonly queriesMin: number;
  /** The recall's lower bound may be this much below the promise. */
  readonly recallSlackMicros: number;
  readonly costRatioMaxMicros: number;
}

export const DEFAULT_ACCEPTANCE: AcceptanceRules = Object.freeze({
  queriesMin: PATTERN_LIMITS.queriesMin,
  recallSlackMicros: 20_000,
  costRatioMaxMicros: 1_050_000,
});

/** How far the mean recall may be below today's; a pattern that promises little keeps its promise. */
export const RECALL_LOSS_MAX_MICROS = 20_000;
/** Queries that one evaluation measures at most, spread over those within the radius. */
const EVALUATED_MAX = 400;

/**
 * Accepts when the lower bound of the recall is at most `recallSlackMicros` below what the pattern
 * promises and the median cost at most `costRatioMaxMicros` of today's, and rejects otherwise: both
 * follow from the numbers beside the verdict. It abstains when too few held-out queries lie within
 * the radius, when the pattern asks for a search that no index makes, and when it keeps its promise
 * but finds less than today, by more than `RECALL_LOSS_MAX_MICROS`.
 */
export async function evaluatePattern(
  pattern: SearchPattern,
  heldOut: HeldOutQueries,
  { efSearch, index, oracle }: SearchedSite,
  rules = DEFAULT_ACCEPTANCE,
): Promise<PatternEvaluation> {
  const within = heldOut.points.flatMap((point, row) => {
    const isWithin = squaredDistance(point, pattern.centroid) <= pattern.radius;
    return isWithin && !isNowhere(point) ? [row] : [];
  });
  // One value has no deviation.
  const queriesMin = Math.max(2, rules.queriesMin);
  if (within.length < queriesMin || !isSearchable(pattern)) return abstention(within.length);
  const { k } = pattern;
  const rows = evenly(within, Math.max(EVALUATED_MAX, queriesMin));
  const queries = rowsOf(joined(rows, heldOut.encoded, index.dimension), index.dimension);
  const exact = await exactAnswers(oracle, queries, k);
  const measured = async (width: number) =>
    summed(await measureQueries(index, queries, exact, { k, efSearch: Math.max(k, width) }));
  const proposed = await measured(pattern.efSearch);
  const current = await measured(efSearch);
  if (current.cost === 0) return abstention(within.length);
  const costRatioMicros = toMicros(proposed.cost / current.cost);
  const isAsPromised =
    proposed.recallBoundMicros >= pattern.expectedRecallMicros - rules.recallSlackMicros;
  const isGood = isAsPromised && costRatioMicros <= rules.costRatioMaxMicros;
  const findsLess = proposed.recallMicros < current.recallMicros - RECALL_LOSS_MAX_MICROS;
  const { recallBoundMicros, recallMicros } = proposed;
  return {
    verdict: isGood ? (findsLess ? 'abstain' : 'accept') : 'reject',
    queries: rows.length,
    recallMicros,
    recallBoundMicros,
    costRatioMicros,
    findsLess,
  };
}

function summed(measures: readonly QueryMeasure[]) {
  const recalls = measures.map(({ recall }) => recall);
  return {
    recallMicros: toMicros(meanOf(recalls)),
    recallBoundMicros: toMicros(recallLowerBound(recalls)),
    cost: medianOf(measures.map(({ distanceComputations }) => distanceComputations)),
  };
}

function abstention(queries: number): PatternEvaluation {
  const nothing = { recallMicros: 0, recallBoundMicros: 0, costRatioMicros: 0 };
  return { verdict: 'abstain', queries, ...nothing, findsLess: false };
}
