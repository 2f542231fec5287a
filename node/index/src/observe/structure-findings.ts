// What a walk over the graph may find, whatever is asked of it.

import { type Finding, SAMPLE_IDS_MAX } from './finding.ts';
import type { GraphSurvey } from './graph-survey.ts';
import type { StructureStatistics } from './inspection.ts';
import { OBSERVER_THRESHOLDS } from './observer-thresholds.ts';
import type { Reachability } from './reachability.ts';
import type { SparseRows } from './sparse-rows.ts';

/** Names some of the slots. */
export type SampleIds = (slots: readonly number[]) => string[];

/** Found when a live row cannot be walked to: searches lose it. */
export function unreachableFinding(
  { islandSizes, unreachedSlots }: Reachability,
  hops: Int32Array,
  sampleIds: SampleIds,
): Finding | undefined {
  if (unreachedSlots.length === 0) return undefined;
  return {
    name: 'unreachable',
    severity: 'critical',
    evidence: {
      unreachableRows: unreachedSlots.length,
      islands: islandSizes.length,
      largestIslandRows: islandSizes[0] ?? 0,
      orphans: islandSizes.filter((size) => size === 1).length,
      enteredFromAbove: unreachedSlots.filter((slot) => (hops[slot] ?? -1) >= 0).length,
    },
    sampleIds: sampleIds(unreachedSlots),
    advice:
      'searches lose these rows; repair the index, which links every island to the rest, and ' +
      'verify it',
  };
}

/** Found when one row in twenty is farther from the entry point than the size explains. */
export function longPathsFinding(
  statistics: StructureStatistics,
  hops: Int32Array,
  sampleIds: SampleIds,
): Finding | undefined {
  const { hopsBase, hopsCriticalFactor, hopsPerDoubling } = OBSERVER_THRESHOLDS;
  const bound = hopsBase + hopsPerDoubling * Math.log2(Math.max(1, statistics.rows));
  const { max, mean, p95 } = statistics.hops;
  if (p95 <= bound) return undefined;
  const far = [...hops.keys()].filter((slot) => (hops[slot] as number) > bound);
  far.sort((a, b) => (hops[b] as number) - (hops[a] as number));
  return {
    name: 'long-paths',
    severity: p95 > hopsCriticalFactor * bound ? 'critical' : 'warning',
    evidence: {
      hopsMean: mean,
      hopsP95: p95,
      hopsMax: max,
      hopsBound: bound,
    },
    sampleIds: sampleIds(far),
    advice:
      'searches walk through many rows before they come near; compact the index, which builds ' +
      'it anew, with a larger M or efConstruction',
  };
}

/** Found when many rows hang by one link, or all have lost half of what M promises. */
export function weakDegreeFinding(
  { degree, degrees, liveSlots }: GraphSurvey,
  m: number | undefined,
  sampleIds: SampleIds,
): Finding | undefined {
  const { degreeFloor, degreePerMMin, weakRowsMin, weakRowsShareMin } = OBSERVER_THRESHOLDS;
  const weak = [...liveSlots].filter((_, row) => (degrees[row] as number) < degreeFloor);
  const isThin = m !== undefined && liveSlots.length > 2 * m && degree.mean < degreePerMMin * m;
  const isWeak = weak.length >= Math.max(weakRowsMin, weakRowsShareMin * liveSlots.length);
  if (!isWeak && !isThin) return undefined;
  return {
    name: 'weak-degree',
    severity: 'warning',
    evidence: {
      weakRows: weak.length,
      degreeFloor,
      degreeMean: degree.mean,
      ...(m === undefined ? {} : { degreeMeanMin: degreePerMMin * m }),
    },
    sampleIds: sampleIds(weak),
    advice: 'rows hang by too few links to be found from every side; repair or compact the index',
  };
}

/** Found when a hundredth of the rows draws a third of the links. */
export function skewedInDegreeFinding(
  { inDegree, inDegrees, links, liveSlots }: GraphSurvey,
  sampleIds: SampleIds,
): Finding | undefined {
  const { hubRowsMin, hubShareMax } = OBSERVER_THRESHOLDS;
  if (liveSlots.length < hubRowsMin) return undefined;
  const into = (slot: number) => inDegrees[slot] as number;
  const hubCount = Math.ceil(liveSlots.length / 100);
  const largest = liveSlots.map(into).sort().subarray(-hubCount);
  const hubShare = largest.reduce((sum, count) => sum + count, 0) / Math.max(1, links);
  if (hubShare <= hubShareMax) return undefined;
  const hubs = [...liveSlots].filter((slot) => into(slot) >= (largest[0] as number));
  hubs.sort((a, b) => into(b) - into(a));
  return {
    name: 'skewed-in-degree',
    severity: 'warning',
    evidence: {
      hubs: hubCount,
      hubShare,
      hubShareMax,
      inDegreeMean: inDegree.mean,
      inDegreeMax: inDegree.max,
    },
    sampleIds: sampleIds(hubs),
    advice:
      'most links lead to a few rows; look whether these are equal rows or empty documents, ' +
      'remove them and compact the index',
  };
}

/** Found when dead rows take a fifth of the slots. */
export function tombstoneFinding(statistics: StructureStatistics): Finding | undefined {
  const { deadRows, links, linksToDead, rows } = statistics;
  const { deadRowsMin, deadShareCritical, deadShareNotice, deadShareWarning } = OBSERVER_THRESHOLDS;
  const deadShare = deadRows / Math.max(1, rows + deadRows);
  if (deadRows < deadRowsMin || deadShare < deadShareNotice) return undefined;
  const isGrave = deadShare >= deadShareWarning;
  return {
    name: 'tombstone-share',
    severity: deadShare >= deadShareCritical ? 'critical' : isGrave ? 'warning' : 'notice',
    evidence: {
      deadRows,
      deadShare,
      deadShareNotice,
      linksToDeadShare: linksToDead / Math.max(1, links + linksToDead),
    },
    sampleIds: [],
    advice: 'dead rows keep their memory and their bytes on disk; compact the index',
  };
}

/** Found when one row in two hundred lies far outside of where the others are. */
export function sparseRegionFinding(
  { examined, medianScale, remoteScale, remoteSlots }: SparseRows,
  sampleIds: SampleIds,
): Finding | undefined {
  const { remoteRowsMin, remoteShareMin, remoteShareWarning } = OBSERVER_THRESHOLDS;
  const remoteShare = remoteSlots.length / Math.max(1, examined);
  if (remoteSlots.length < remoteRowsMin || remoteShare < remoteShareMin) return undefined;
  return {
    name: 'sparse-region',
    severity: remoteShare >= remoteShareWarning ? 'warning' : 'notice',
    evidence: {
      examinedRows: examined,
      remoteRows: remoteSlots.length,
      remoteShare,
      medianScale,
      remoteScale,
    },
    sampleIds: sampleIds(remoteSlots),
    advice:
      'these rows lie far from all others: look whether they were embedded by the same model, ' +
      'and search among them with a larger efSearch',
  };
}

/** Names slots by the caller's ids, `SAMPLE_IDS_MAX` at most. */
export function sampleIdsBy(idOf: (slot: number) => string | undefined): SampleIds {
  return (slots) => slots.slice(0, SAMPLE_IDS_MAX).map((slot) => idOf(slot) ?? `slot ${slot}`);
}
