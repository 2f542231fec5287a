import { HnswIndex } from '../hnsw/hnsw-index.ts';
import type { Finding } from '../observe/finding.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CollectionCore } from './collection-core.ts';
import type { CollectionObserver } from './collection-observer.ts';
import type { Damage } from './damage-report.ts';
import { diagnoseGraph, rebuildGraph, relinkSlots } from './repair-graph.ts';
import { outcomeOf, type RepairReport, type RepairStep } from './repair-report.ts';
import { replaceIndex } from './replace-index.ts';
import type { Segment } from './segment.ts';
import type { SegmentSet } from './segment-set.ts';
import { verifyContents } from './verify-contents.ts';

/** Mends the graphs of an open collection and writes what changed. */
export async function repairOpen(
  core: CollectionCore,
  observer: CollectionObserver,
  signal: AbortSignal | undefined,
): Promise<RepairReport> {
  const { queue, segments } = core;
  const subject = {
    segments,
    exclusive: <T>(job: () => Promise<T>) => queue.exclusive(job),
    findings: async () => (await observer.inspect(signal)).findings,
  };
  const report = await repairSegments(subject, signal === undefined ? {} : { signal });
  if (report.steps.length > 0) await writeCheckpoint(core);
  return report;
}

/** Segments in memory, and how to look at them. */
export interface RepairedSegments {
  readonly segments: SegmentSet;
  /** Keeps writes off while one graph is mended; reads go on. */
  readonly exclusive: <T>(job: () => Promise<T>) => Promise<T>;
  readonly findings: () => Promise<readonly Finding[]>;
}

/**
 * Mends all graphs in memory and measures before and after. Segments that changed are written by
 * the next checkpoint.
 */
export async function repairSegments(
  subject: RepairedSegments,
  { dryRun = false, signal }: { readonly dryRun?: boolean; readonly signal?: AbortSignal } = {},
): Promise<RepairReport> {
  const { exclusive, segments } = subject;
  const measured = async () => {
    const { damages } = await verifyContents(segments, exclusive, signal);
    return [damages, await subject.findings()] as const;
  };
  const [damagesBefore, findingsBefore] = await measured();
  const steps: RepairStep[] = [];
  for (const segment of segments.segments) {
    steps.push(...(await exclusive(() => repairSegment(segments, segment, dryRun, signal))));
  }
  const [damagesAfter, findingsAfter]: readonly [readonly Damage[], readonly Finding[]] = dryRun
    ? [damagesBefore, findingsBefore]
    : await measured();
  const changed = {
    steps,
    refused: [],
    damagesBefore,
    damagesAfter,
    findingsBefore,
    findingsAfter,
  };
  const outcome = dryRun && steps.length > 0 ? 'planned' : outcomeOf(changed);
  return { ...changed, outcome };
}

async function repairSegment(
  segments: SegmentSet,
  segment: Segment,
  dryRun: boolean,
  signal: AbortSignal | undefined,
): Promise<RepairStep[]> {
  const { entry, index } = segment;
  if (!(index instanceof HnswIndex)) return [];
  const { problems, staleLinks, weakSlots } = await diagnoseGraph(index, signal);
  const at = { file: entry?.folder ?? 'rows in memory', keptAs: [] };
  if (problems.length > 0) {
    const detail = `${index.size} rows linked anew, because ${problems[0]}`;
    if (!dryRun) replaceIndex(segments, segment, await rebuildGraph(index, signal));
    return [{ action: 'rebuild-graph', ...at, detail }];
  }
  const steps: RepairStep[] = [];
  if (staleLinks > 0) {
    steps.push({ action: 'sweep-links', ...at, detail: `${staleLinks} links to deleted rows` });
    if (!dryRun) index.eraseDead();
  }
  if (weakSlots.length > 0) {
    steps.push({ action: 'relink-rows', ...at, detail: `${weakSlots.length} rows` });
    if (!dryRun) {
      await relinkSlots(index, weakSlots, signal);
      replaceIndex(segments, segment, index);
    }
  }
  return steps;
}
