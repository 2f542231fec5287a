import type { GraphView } from '../hnsw/graph-view.ts';
import type { Metric } from '../vector-index.ts';
import { countCollisions } from './collisions.ts';
import { distributionOf } from './distribution.ts';
import { FINDING_NAMES, type Finding, SAMPLE_IDS_MAX, SEVERITIES } from './finding.ts';
import { type GraphSurvey, surveyGraph } from './graph-survey.ts';
import { countHops, NO_WAY } from './hop-counts.ts';
import type { IndexStatistics, Inspection } from './inspection.ts';
import { examineNeighbourhoods } from './neighbourhoods.ts';
import { findUnreached } from './reachability.ts';
import { type AuditedRecall, auditRecall, type RecallAuditor } from './recall-audit.ts';
import type { SearchWorkload } from './search-workload.ts';
import { findSparseRows } from './sparse-rows.ts';
import {
  longPathsFinding,
  sampleIdsBy,
  skewedInDegreeFinding,
  sparseRegionFinding,
  tombstoneFinding,
  unreachableFinding,
  weakDegreeFinding,
} from './structure-findings.ts';
import { hotSpotFinding, lowRecallFinding } from './workload-findings.ts';

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
  const { view } = subject;
  const survey = surveyGraph(view);
  const hops = countHops(view);
  const reachability = findUnreached(view, survey.liveSlots);
  // Inner products are no scale, and long rows are everybody's neighbours by their nature.
  const hasScale = subject.metric !== 'dot';
  const neighbourhoods = examineNeighbourhoods(view, survey.liveSlots, options.seed);
  const sparse = hasScale ? findSparseRows(view, neighbourhoods) : undefined;
  const collisions = countCollisions(workload?.nearestIds ?? []);
  const collisionsOfRows = countCollisions(neighbourhoods.nearestSlots);
  const recall = await audited(subject, workload, options, signal);
  const unreachableRows = reachability.unreachedSlots.length;
  const statistics = statisticsOf({ subject, survey, hops, unreachableRows, workload, recall });
  const sampleIds = sampleIdsBy(subject.idOf ?? (() => undefined));
  const hottestIds = collisions.hottest.slice(0, SAMPLE_IDS_MAX).map(([id]) => id);
  const found = [
    unreachableFinding(reachability, hops, sampleIds),
    longPathsFinding(statistics, hops, sampleIds),
    weakDegreeFinding(survey, subject.m, sampleIds),
    hasScale ? skewedInDegreeFinding(survey, sampleIds) : undefined,
    tombstoneFinding(statistics),
    sparse === undefined ? undefined : sparseRegionFinding(sparse, sampleIds),
    hotSpotFinding(collisions, collisionsOfRows, statistics.rows, hottestIds),
    lowRecallFinding(recall, options.recallTarget),
  ];
  const findings = found.filter((finding) => finding !== undefined).sort(gravestFirst);
  return { findings, statistics };
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

interface Observations {
  readonly subject: InspectionSubject;
  readonly survey: GraphSurvey;
  readonly hops: Int32Array;
  readonly unreachableRows: number;
  readonly workload: SearchWorkload | undefined;
  readonly recall: AuditedRecall | undefined;
}

function statisticsOf(observations: Observations): IndexStatistics {
  const { hops, recall, subject, survey, unreachableRows, workload } = observations;
  const { deadRows, degree, inDegree, links, linksToDead, liveSlots, rowsPerLayer } = survey;
  return {
    ...{ rows: liveSlots.length, deadRows, linksToDead, rowsPerLayer, links, unreachableRows },
    ...{ degree, inDegree, recall, memoryBytes: subject.memoryBytes },
    hops: distributionOf(hops.filter((count) => count !== NO_WAY)),
    searches: workload?.searches ?? 0,
    searchDistances: distributionOf(workload?.costs ?? []),
    expandedShare: expandedShareOf(liveSlots, workload),
  };
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

function gravestFirst(a: Finding, b: Finding): number {
  const bySeverity = SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity);
  return bySeverity || FINDING_NAMES.indexOf(a.name) - FINDING_NAMES.indexOf(b.name);
}
