import { type Distribution, distributionOf } from './distribution.ts';
import type { Finding } from './finding.ts';
import { type GraphSurvey, surveyGraph } from './graph-survey.ts';
import { countHops, NO_WAY } from './hop-counts.ts';
import type { InspectionSubject } from './inspect-index.ts';
import type { StructureStatistics } from './inspection.ts';
import { examineNeighbourhoods } from './neighbourhoods.ts';
import { findUnreached } from './reachability.ts';
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

/** What a walk over one graph found, whatever is asked of it. */
export interface GraphStructure {
  readonly survey: GraphSurvey;
  /** Fewest links from the entry point to each slot. */
  readonly hops: Int32Array;
  /** Nearest linked row of each examined row, -1 without one. */
  readonly nearestSlots: Int32Array;
  readonly statistics: StructureStatistics;
  readonly findings: readonly Finding[];
}

/**
 * Looks at a whole graph; walks every link twice in one go, O(rows × links).
 *
 * @param seed - of the sample of rows that `sparse-region` examines
 */
export function examineStructure(subject: InspectionSubject, seed: number): GraphStructure {
  const { view } = subject;
  const survey = surveyGraph(view);
  const hops = countHops(view);
  const reachability = findUnreached(view, survey.liveSlots);
  // Inner products are no scale, and long rows are everybody's neighbours by their nature.
  const hasScale = subject.metric !== 'dot';
  const neighbourhoods = examineNeighbourhoods(view, survey.liveSlots, seed);
  const sparse = hasScale ? findSparseRows(view, neighbourhoods) : undefined;
  const statistics = {
    ...countsOf(survey, reachability.unreachedSlots.length),
    ...{ degree: survey.degree, inDegree: survey.inDegree, hops: distributionOfHops([hops]) },
  };
  const sampleIds = sampleIdsBy(subject.idOf ?? (() => undefined));
  const found = [
    unreachableFinding(reachability, hops, sampleIds),
    longPathsFinding(statistics, hops, sampleIds),
    weakDegreeFinding(survey, subject.m, sampleIds),
    hasScale ? skewedInDegreeFinding(survey, sampleIds) : undefined,
    tombstoneFinding(statistics),
    sparse === undefined ? undefined : sparseRegionFinding(sparse, sampleIds),
  ];
  const findings = found.filter((finding) => finding !== undefined);
  return { survey, hops, nearestSlots: neighbourhoods.nearestSlots, statistics, findings };
}

/** The numbers of several graphs that are searched together. */
export function mergeStatistics(structures: readonly GraphStructure[]): StructureStatistics {
  const sum = (pick: (statistics: StructureStatistics) => number) =>
    structures.reduce((total, { statistics }) => total + pick(statistics), 0);
  const layers = Math.max(0, ...structures.map(({ survey }) => survey.rowsPerLayer.length));
  return {
    rows: sum(({ rows }) => rows),
    deadRows: sum(({ deadRows }) => deadRows),
    linksToDead: sum(({ linksToDead }) => linksToDead),
    links: sum(({ links }) => links),
    unreachableRows: sum(({ unreachableRows }) => unreachableRows),
    rowsPerLayer: Array.from({ length: layers }, (_, level) =>
      sum(({ rowsPerLayer }) => rowsPerLayer[level] ?? 0),
    ),
    degree: distributionOf(joined(structures.map(({ survey }) => survey.degrees))),
    inDegree: distributionOf(joined(structures.map(({ survey }) => inDegreesOf(survey)))),
    hops: distributionOfHops(structures.map(({ hops }) => hops)),
  };
}

function countsOf(survey: GraphSurvey, unreachableRows: number) {
  const { deadRows, links, linksToDead, liveSlots, rowsPerLayer } = survey;
  return { rows: liveSlots.length, deadRows, linksToDead, rowsPerLayer, links, unreachableRows };
}

function inDegreesOf({ inDegrees, liveSlots }: GraphSurvey): Int32Array {
  return liveSlots.map((slot) => inDegrees[slot] as number);
}

function distributionOfHops(hops: readonly Int32Array[]): Distribution {
  return distributionOf(joined(hops.map((each) => each.filter((count) => count !== NO_WAY))));
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
