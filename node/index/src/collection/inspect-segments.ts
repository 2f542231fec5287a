// All segments of a collection in one inspection: every graph by itself, what was asked for all.

import { scheduler } from 'node:timers/promises';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import {
  examineStructure,
  type GraphStructure,
  mergeStatistics,
} from '../observe/examine-structure.ts';
import type { Finding } from '../observe/finding.ts';
import type { ObserverOptions } from '../observe/index-observer.ts';
import { gravestFirst } from '../observe/inspect-index.ts';
import type { Inspection, StructureStatistics } from '../observe/inspection.ts';
import { type AuditedRecall, auditRecall } from '../observe/recall-audit.ts';
import { SearchWorkload } from '../observe/search-workload.ts';
import { workloadFindings, workloadStatistics } from '../observe/workload-findings.ts';
import type { MemoryUsage, SearchHit, SearchOptions } from '../vector-index.ts';
import type { CollectionOptions, IndexKind } from './collection-options.ts';
import { mergeHits } from './merge-hits.ts';
import type { Segment } from './segment.ts';
import type { SegmentSet } from './segment-set.ts';

/** The numbers of one segment. */
export interface SegmentInspection {
  /** Folder of its files; left out for one that was never written. */
  readonly folder?: string;
  readonly kind: IndexKind;
  readonly rows: number;
  readonly memoryBytes: number;
  /** Left out for an exact index, which has no graph. */
  readonly graph?: StructureStatistics;
}

/** A finding about one graph of several names it as `segment`, by its place in `segments`. */
export interface CollectionInspection extends Inspection {
  readonly segments: readonly SegmentInspection[];
}

/** Segments that can be looked at, and a way to keep writes off meanwhile. */
export interface InspectedSegments {
  readonly segments: SegmentSet;
  readonly options: Pick<CollectionOptions, 'm' | 'metric'>;
  readonly exclusive: <T>(job: () => Promise<T>) => Promise<T>;
}

/** Looks at every segment and at what was asked of all of them together. */
export async function inspectSegments(
  subject: InspectedSegments,
  workload: SearchWorkload,
  options: ObserverOptions,
  signal?: AbortSignal,
): Promise<CollectionInspection> {
  const inspected: [Segment, GraphStructure | undefined][] = [];
  for (const segment of subject.segments.segments) {
    signal?.throwIfAborted();
    const structure = await subject.exclusive(async () => structureOf(segment, subject, options));
    inspected.push([segment, structure]);
    await scheduler.yield();
  }
  const asked = await askedOf(subject.segments, workload, options, signal);
  const recall = await audited(subject.segments, asked, options, signal);
  const graphs = inspected.map(([, structure]) => structure).filter((each) => each !== undefined);
  const segments = inspected.map(([segment, structure]) => segmentInspection(segment, structure));
  const rows = segments.reduce((sum, each) => sum + each.rows, 0);
  const nearestRows = graphs.flatMap(({ nearestSlots }, i) => {
    return [...nearestSlots].map((slot) => `${i} ${slot}`);
  });
  const findings = [
    ...inspected.flatMap(([, structure], i) =>
      named(structure?.findings ?? [], i, segments.length),
    ),
    ...workloadFindings({ workload: asked, recall, nearestRows, rows }, options),
  ];
  return {
    findings: findings.sort(gravestFirst),
    statistics: {
      ...mergeStatistics(graphs),
      ...workloadStatistics(asked, recall),
      rows,
      memoryBytes: segments.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      expandedShare: undefined,
    },
    segments,
  };
}

function structureOf(
  { index }: Segment,
  { options }: InspectedSegments,
  { seed }: ObserverOptions,
): GraphStructure | undefined {
  if (!(index instanceof HnswIndex)) return undefined;
  const idOf = (slot: number) => index.idOf(slot);
  const { m, metric } = options;
  return examineStructure({ view: index.view(), metric, m, idOf }, seed);
}

function segmentInspection(
  { entry, index }: Segment,
  structure: GraphStructure | undefined,
): SegmentInspection {
  return {
    ...(entry === undefined ? {} : { folder: entry.folder }),
    kind: index instanceof HnswIndex ? 'hnsw' : 'flat',
    rows: structure?.statistics.rows ?? index.size,
    memoryBytes: bytesOf(index.memoryUsage()),
    ...(structure === undefined ? {} : { graph: structure.statistics }),
  };
}

/**
 * What was asked lately. Queries of another process came without their answers; as long as this
 * one has seen fewer, all sampled ones are asked again.
 */
async function askedOf(
  segments: SegmentSet,
  workload: SearchWorkload,
  options: ObserverOptions,
  signal: AbortSignal | undefined,
): Promise<SearchWorkload> {
  if (workload.searches >= workload.sample.length) return workload;
  const again = new SearchWorkload(options);
  for (const { options: asked, query } of [...workload.sample]) {
    signal?.throwIfAborted();
    again.record(query, segments.search(query, asked), asked);
    await scheduler.yield();
  }
  return again;
}

function audited(
  segments: SegmentSet,
  { sample }: SearchWorkload,
  { auditQueries }: ObserverOptions,
  signal: AbortSignal | undefined,
): Promise<AuditedRecall | undefined> {
  const auditor = {
    search: (query: Float32Array, asked: SearchOptions) => segments.search(query, asked).hits,
    exact: async (query: Float32Array, asked: SearchOptions) => {
      await scheduler.yield();
      return exactHits(segments, query, asked.k);
    },
  };
  return auditRecall(sample, auditor, auditQueries, signal);
}

function exactHits({ segments }: SegmentSet, query: Float32Array, k: number): SearchHit[] {
  return mergeHits(
    segments.map(({ index }) => index.scan(query, { k }).hits),
    k,
  );
}

function named(findings: readonly Finding[], segment: number, count: number): Finding[] {
  if (count === 1) return [...findings];
  return findings.map((each) => ({ ...each, evidence: { segment, ...each.evidence } }));
}

function bytesOf({ capacity: _, ...parts }: MemoryUsage): number {
  return Object.values(parts).reduce((sum, bytes) => sum + bytes, 0);
}
