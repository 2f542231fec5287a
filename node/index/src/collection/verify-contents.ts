// Whether what was read makes sense: ids and slots, the invariants of every graph, and every row
// asked to find itself.

import { scheduler } from 'node:timers/promises';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import type { GraphReport } from '../hnsw/verify-graph.ts';
import { SeededRandom } from '../seeded-random.ts';
import { type Damage, REPAIRABLE, UNREPAIRABLE } from './damage-report.ts';
import type { Segment } from './segment.ts';
import type { SegmentIndex } from './segment-index.ts';
import type { SegmentSet } from './segment-set.ts';
import { UPKEEP_LIMITS } from './upkeep-limits.ts';

export interface SegmentReport {
  /** Folder of its files; left out for one that was never written. */
  readonly folder?: string;
  readonly rows: number;
  /** Left out for an exact index. */
  readonly graph?: GraphReport;
}

export interface ContentReport {
  readonly rows: number;
  /** Rows that were asked to find themselves; of very many a seeded sample. */
  readonly searchedRows: number;
  readonly segments: readonly SegmentReport[];
  readonly damages: readonly Damage[];
}

/**
 * Checks all rows and links in memory.
 *
 * @param exclusive - keeps writes off while one graph is walked
 */
export async function verifyContents(
  segments: SegmentSet,
  exclusive: <T>(job: () => Promise<T>) => Promise<T>,
  signal?: AbortSignal,
): Promise<ContentReport> {
  const damages: Damage[] = [];
  const reports: SegmentReport[] = [];
  const share = UPKEEP_LIMITS.selfSearchRowsMax / Math.max(1, segments.size);
  let searchedRows = 0;
  for (const segment of segments.segments) {
    signal?.throwIfAborted();
    const { entry, index } = segment;
    const file = entry?.folder ?? 'rows in memory';
    const graph = await exclusive(async () => {
      damages.push(...idDamages(segments, segment, file));
      return index instanceof HnswIndex ? index.verify() : undefined;
    });
    damages.push(...(graph === undefined ? [] : graphDamages(graph, index, file)));
    const searched = await rowsThatMissThemselves(index, share, signal);
    searchedRows += searched.asked;
    damages.push(...notFoundDamages(searched.missing, file));
    const folder = entry === undefined ? {} : { folder: entry.folder };
    reports.push({ ...folder, rows: index.size, ...(graph === undefined ? {} : { graph }) });
  }
  return { rows: segments.size, searchedRows, segments: reports, damages };
}

/** Rows that a search with their own vector does not find; ties count as found. */
export async function rowsThatMissThemselves(
  index: SegmentIndex,
  share = 1,
  signal?: AbortSignal,
): Promise<{ readonly asked: number; readonly missing: readonly string[] }> {
  const random = new SeededRandom(1);
  const missing: string[] = [];
  let asked = 0;
  // Under an inner product a row need not be its own nearest, nor as a lossy code.
  const mustFind = index instanceof HnswIndex && EXACT_TYPES.has(index.options.vectorType);
  if (index.metric === 'dot' || !mustFind) return { asked, missing };
  for (const id of [...index.ids()]) {
    if (share < 1 && random.nextOpenUnit() > share) continue;
    const vector = index.vectorOf(id);
    if (vector === undefined) continue;
    if (++asked % SEARCHES_PER_TURN === 0) {
      signal?.throwIfAborted();
      await scheduler.yield();
    }
    const [hit] = index.search(vector, { k: 1, efSearch: UPKEEP_LIMITS.selfSearchEf }).hits;
    const isFound = hit !== undefined && (hit.id === id || hit.distance <= TIE_DISTANCE);
    if (!isFound && index.has(id)) missing.push(id);
  }
  return { asked, missing };
}

const EXACT_TYPES: ReadonlySet<string> = new Set(['f32', 'f16', 'u8']);
const SEARCHES_PER_TURN = 64;
/** Equal rows are as near as a row is to itself, but for rounding. */
const TIE_DISTANCE = 1e-6;

function idDamages(segments: SegmentSet, segment: Segment, file: string): Damage[] {
  const { index } = segment;
  const problems: string[] = [];
  const slots = new Set<number>();
  let count = 0;
  for (const id of index.ids()) {
    count++;
    const slot = index.slotOf(id);
    if (slot === undefined || index.idOf(slot) !== id) problems.push(`id '${id}' names no slot`);
    else if (slots.has(slot)) problems.push(`slot ${slot} has two ids`);
    else slots.add(slot);
    if (segments.find(id) !== segment) problems.push(`id '${id}' is in two segments`);
  }
  if (count !== index.size) problems.push(`${count} ids name ${index.size} rows`);
  return contradictions(problems, file, UNREPAIRABLE);
}

function graphDamages(graph: GraphReport, index: SegmentIndex, file: string): Damage[] {
  const damages = contradictions(graph.problems, file, REPAIRABLE);
  if (graph.orphans.length === 0) return damages;
  const ids = graph.orphans.map((slot) => index.idOf(slot) ?? `slot ${slot}`);
  const detail = `${ids.length} rows cannot be reached: ${someOf(ids)}`;
  return [{ kind: 'unreachable', file, section: 'links', detail, ...REPAIRABLE }, ...damages];
}

function notFoundDamages(ids: readonly string[], file: string): Damage[] {
  if (ids.length === 0) return [];
  const { selfSearchEf } = UPKEEP_LIMITS;
  const detail = `${ids.length} rows do not find themselves at ef = ${selfSearchEf}: ${someOf(ids)}`;
  return [{ kind: 'not-found', file, section: 'links', detail, ...REPAIRABLE }];
}

function contradictions(
  problems: readonly string[],
  file: string,
  remedy: typeof REPAIRABLE,
): Damage[] {
  if (problems.length === 0) return [];
  const detail = `${problems.length} contradictions: ${someOf(problems)}`;
  return [{ kind: 'contradiction', file, detail, ...remedy }];
}

function someOf(names: readonly string[]): string {
  const { problemsNamedMax } = UPKEEP_LIMITS;
  const some = names.slice(0, problemsNamedMax).join(', ');
  return names.length > problemsNamedMax ? `${some}, …` : some;
}
