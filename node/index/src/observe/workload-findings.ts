// What the recorded searches may find.

import type { Collisions } from './collisions.ts';
import type { Finding } from './finding.ts';
import { OBSERVER_THRESHOLDS } from './observer-thresholds.ts';
import type { AuditedRecall } from './recall-audit.ts';

/**
 * Found when two queries have the same nearest row far more often than hubs explain.
 *
 * @param collisionsOfRows - the same of stored rows and their nearest
 * @param hottestIds - the most asked rows
 */
export function hotSpotFinding(
  collisions: Collisions,
  collisionsOfRows: Collisions,
  rows: number,
  hottestIds: readonly string[],
): Finding | undefined {
  const { count: queries, hottest, lower, probability } = collisions;
  const { collisionFactor, collisionMin, collisionRowsFactor } = OBSERVER_THRESHOLDS;
  const { hotQueriesMin, hotRowShareWarning } = OBSERVER_THRESHOLDS;
  const bound = Math.max(
    collisionMin,
    collisionRowsFactor / Math.max(1, rows),
    collisionFactor * collisionsOfRows.probability,
  );
  if (queries < hotQueriesMin || lower <= bound) return undefined;
  const hottestShare = (hottest[0]?.[1] ?? 0) / queries;
  return {
    name: 'hot-spot',
    severity: hottestShare >= hotRowShareWarning ? 'warning' : 'notice',
    evidence: {
      queries,
      collisionProbability: probability,
      collisionBound: bound,
      effectiveRows: 1 / probability,
      rows,
      hottestShare,
    },
    sampleIds: hottestIds,
    advice:
      'a few rows answer most queries: cache these answers, or spread them over replicas if one ' +
      'peer carries the load',
  };
}

/** Found when the whole confidence interval of the audited recall lies below the target. */
export function lowRecallFinding(
  recall: AuditedRecall | undefined,
  recallTarget: number,
): Finding | undefined {
  const { auditedQueriesMin, recallGapCritical } = OBSERVER_THRESHOLDS;
  if (recall === undefined || recall.queries < auditedQueriesMin) return undefined;
  if (recall.upper >= recallTarget) return undefined;
  const isGrave = recall.upper < recallTarget - recallGapCritical;
  const { hits, hitsFound, lower, mean, min, queries, upper } = recall;
  return {
    name: 'low-recall',
    severity: isGrave ? 'critical' : 'warning',
    evidence: { recallTarget, mean, lower, upper, min, queries, hits, hitsFound },
    sampleIds: [],
    advice: 'search with a larger efSearch; if that does not help, repair or compact the index',
  };
}
