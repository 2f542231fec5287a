// What the recorded searches may find.

import { type Collisions, countCollisions } from './collisions.ts';
import { distributionOf } from './distribution.ts';
import { type Finding, SAMPLE_IDS_MAX } from './finding.ts';
import type { IndexStatistics } from './inspection.ts';
import { OBSERVER_THRESHOLDS } from './observer-thresholds.ts';
import type { AuditedRecall } from './recall-audit.ts';
import type { SearchWorkload } from './search-workload.ts';

/** What was asked, and what it is compared with. */
export interface WorkloadEvidence {
  readonly workload: SearchWorkload | undefined;
  readonly recall: AuditedRecall | undefined;
  /** Names of the nearest rows of examined rows; the same name is the same row. */
  readonly nearestRows: Iterable<number | string>;
  /** Live rows. */
  readonly rows: number;
}

/** All that the recorded searches and their audit may find. */
export function workloadFindings(
  { nearestRows, recall, rows, workload }: WorkloadEvidence,
  { recallTarget }: { readonly recallTarget: number },
): Finding[] {
  const collisions = countCollisions(workload?.nearestIds ?? []);
  const hottestIds = collisions.hottest.slice(0, SAMPLE_IDS_MAX).map(([id]) => id);
  const found = [
    hotSpotFinding(collisions, countCollisions(nearestRows), rows, hottestIds),
    lowRecallFinding(recall, recallTarget),
  ];
  return found.filter((finding) => finding !== undefined);
}

/** The numbers behind them. */
export function workloadStatistics(
  workload: SearchWorkload | undefined,
  recall: AuditedRecall | undefined,
): Pick<IndexStatistics, 'recall' | 'searchDistances' | 'searches'> {
  return {
    recall,
    searches: workload?.searches ?? 0,
    searchDistances: distributionOf(workload?.costs ?? []),
  };
}

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
