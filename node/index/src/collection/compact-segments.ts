import { scheduler } from 'node:timers/promises';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError } from '../index-error.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CollectionCore } from './collection-core.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { segmentRows } from './collection-options.ts';
import { replaceIndex } from './replace-index.ts';
import type { Segment } from './segment.ts';

/** Share of the slots of a graph that may be without a row after a compaction. */
const HOLE_SHARE_MAX = 0.05;
const HOLES_MIN = 64;

/**
 * Moves the rows of small segments together, copies graphs without the holes that deleted rows left,
 * and writes every segment anew that has deleted rows in its files, so that their bytes are gone.
 * Reads and writes go on meanwhile, but while a graph is copied.
 */
export async function compactSegments(core: CollectionCore, signal?: AbortSignal): Promise<void> {
  await mergeSmall(core, signal);
  await closeHoles(core, signal);
  await writeCheckpoint(core, () => true);
}

/** Puts graphs without holes in the place of those that have many. */
async function closeHoles(core: CollectionCore, signal: AbortSignal | undefined): Promise<void> {
  for (const segment of core.segments.segments) {
    signal?.throwIfAborted();
    await core.queue.exclusive(async () => {
      const { index } = segment;
      const holes = index.slotCount - index.size;
      if (!(index instanceof HnswIndex) || holes < HOLES_MIN || index.size === 0) return;
      if (holes > HOLE_SHARE_MAX * index.slotCount) {
        replaceIndex(core.segments, segment, index.compacted().index);
      }
    });
    await scheduler.yield();
  }
}

/** Empties segments of at most half the size into others, as far as they fit. */
async function mergeSmall(core: CollectionCore, signal: AbortSignal | undefined): Promise<void> {
  const rowsMax = segmentRows(core.options);
  const full = new Set<Segment>();
  for (;;) {
    const pair = await core.queue.exclusive(async () => mergeable(core, rowsMax, full));
    if (pair === undefined) return;
    const [source, target] = pair;
    while (source.size > 0 && !full.has(target)) {
      signal?.throwIfAborted();
      const hasRoom = await core.queue.exclusive(async () => {
        return moveRows(source, target, core.options.dimension, rowsMax);
      });
      if (!hasRoom) full.add(target);
      await scheduler.yield();
    }
  }
}

/** The smallest segment and the largest that has room for it, which is put last: it grows. */
function mergeable(
  core: CollectionCore,
  rowsMax: number,
  full: ReadonlySet<Segment>,
): [Segment, Segment] | undefined {
  const live = core.segments.segments.filter((segment) => segment.size > 0);
  const [source, ...others] = live.toSorted((a, b) => a.size - b.size);
  if (source === undefined || source.size > rowsMax / 2) return undefined;
  const target = others.findLast((other) => {
    return other.size + source.size <= rowsMax && !full.has(other);
  });
  if (target === undefined) return undefined;
  core.segments.replace([...live.filter((segment) => segment !== target), target]);
  return [source, target];
}

/** Moves some rows in one turn, so that a search sees each once; false when they do not fit. */
function moveRows(source: Segment, target: Segment, dimension: number, rowsMax: number): boolean {
  const rowsMoved = Math.min(COLLECTION_LIMITS.rowsPerTurn, rowsMax - target.size);
  const ids = firstIds(source, rowsMoved);
  if (ids.length === 0) return false;
  const vectors = new Float32Array(ids.length * dimension);
  for (const [row, id] of ids.entries()) {
    const vector = source.index.vectorOf(id);
    if (vector !== undefined) vectors.set(vector, row * dimension);
  }
  try {
    target.insert({ ids, vectors, metadata: ids.map((id) => source.metadataOf(id)) });
  } catch (error) {
    if (error instanceof IndexError && error.code === 'limit-exceeded') return false;
    throw error;
  }
  for (const id of ids) source.delete(id);
  return true;
}

function firstIds(segment: Segment, count: number): string[] {
  const ids: string[] = [];
  for (const id of segment.index.ids()) {
    if (ids.length >= count) break;
    ids.push(id);
  }
  return ids;
}
