import type { GraphView } from '../hnsw/graph-view.ts';
import type { Metric } from '../vector-index.ts';
import { examineStructure } from './examine-structure.ts';
import { FINDING_NAMES, type Finding, SEVERITIES } from './finding.ts';
import type { Inspection } from './inspection.ts';
import { type AuditedRecall, auditRecall, type RecallAuditor } from './recall-audit.ts';
import type { SearchWorkload } from './search-workload.ts';
import { workloadFindings, workloadStatistics } from './workload-findings.ts';

/** The index to look at, and what is known about it. */
export interface InspectionSubject {
  readonly view: GraphView;
  readonly metric: Metric;
  /** M of the graph; the mean degree is judged by it. */
  readonly m?: number;
  /** Memory that the index takes, in bytes; passed on to the statistics. */
  readonly memoryBytes?: number;
  /** Names rows in findings; slots stand in for unnamed ones. */
  readonly idOf?: (slot: number) => string | undefined;
  /** Measures recall; without one it stays unknown. */
  readonly auditor?: RecallAuditor;
}

export interface InspectOptions {
  /** Recall below which an audit raises `low-recall`. */
  readonly recallTarget: number;
  /** Queries that one inspection asks again, at most. */
  readonly auditQueries: number;
  /** Seed of the sample of rows that `sparse-region` examines. */
  readonly seed: number;
}

export const INSPECT_DEFAULTS: InspectOptions = Object.freeze({
  recallTarget: 0.95,
  auditQueries: 64,
  seed: 1,
});

/**
 * Looks at a whole graph, and at what was asked of it when a workload is given. Walks every link
 * twice in one go, O(rows × links), then gives way between audited queries.
 */
export async function inspectIndex(
  subject: InspectionSubject,
  workload?: SearchWorkload,
  options: InspectOptions = INSPECT_DEFAULTS,
  signal?: AbortSignal,
): Promise<Inspection> {
  signal?.throwIfAborted();
  const structure = examineStructure(subject, options.seed);
  const { nearestSlots, statistics, survey } = structure;
  const recall = await audited(subject, workload, options, signal);
  const findings = [
    ...structure.findings,
    ...workloadFindings(
      { workload, recall, nearestRows: nearestSlots, rows: statistics.rows },
      options,
    ),
  ];
  return {
    findings: findings.sort(gravestFirst),
    statistics: {
      ...statistics,
      ...workloadStatistics(workload, recall),
      memoryBytes: subject.memoryBytes,
      expandedShare: expandedShareOf(survey.liveSlots, workload),
    },
  };
}

/** Orders findings by severity, then by name. */
export function gravestFirst(a: Finding, b: Finding): number {
  const bySeverity = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  return bySeverity || FINDING_NAMES.indexOf(a.name) - FINDING_NAMES.indexOf(b.name);
}

async function audited(
  { auditor }: InspectionSubject,
  workload: SearchWorkload | undefined,
  { auditQueries }: InspectOptions,
  signal: AbortSignal | undefined,
): Promise<AuditedRecall | undefined> {
  if (auditor === undefined || workload === undefined) return undefined;
  return await auditRecall(workload.sample, auditor, auditQueries, signal);
}

function expandedShareOf(
  liveSlots: Int32Array,
  workload: SearchWorkload | undefined,
): number | undefined {
  const expansions = workload?.expansions ?? new Uint32Array(0);
  if (expansions.length === 0 || liveSlots.length === 0) return undefined;
  const expanded = liveSlots.filter((slot) => (expansions[slot] ?? 0) > 0).length;
  return expanded / liveSlots.length;
}
