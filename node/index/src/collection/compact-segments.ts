import { scheduler } from 'node:timers/promises';
import { IndexError } from '../index-error.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { chooseKind } from './choose-kind.ts';
import type { CollectionCore } from './collection-core.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { segmentRows } from './collection-options.ts';
import type { Segment } from './segment.ts';
import { kindOf } from './segment-index.ts';
import { newSegment } from './segment-set.ts';

/**
 * Moves the rows of small segments together, under `auto` into the kind of index for their number,
 * and writes every segment anew that has deleted rows in its files, without holes, so that their
 * bytes are gone. Reads and writes go on meanwhile; closing the holes of a graph holds them for as
 * long as it takes to copy it.
 */
export async function compactSegments(core: CollectionCore, signal?: AbortSignal): Promise<void> {
  await core.queue.exclusive(async () => core.queue.checkWhole());
  await mergeSmall(core, signal);
  await settleKinds(core, signal);
  for (const segment of core.segments.segments) {
    signal?.throwIfAborted();
    await core.queue.exclusive(async () => closeGaps(segment));
  }
  await writeCheckpoint(core, () => true);
}

function closeGaps(segment: Segment): void {
  if (!segment.isGrown && segment.deletedIds.size === 0) return;
  try {
    segment.closeGaps();
  } catch (error) {
    // Its files will be without deleted rows all the same.
    if (!(error instanceof IndexError) || error.code !== 'limit-exceeded') throw error;
  }
}

/** Under `auto`, moves the rows of a segment into the kind of index that suits their number. */
async function settleKinds(core: CollectionCore, signal: AbortSignal | undefined): Promise<void> {
  const { options } = core;
  if (options.kind !== 'auto') return;
  for (const source of core.segments.segments) {
    const target = await core.queue.exclusive(async () => {
      const kind = chooseKind(options, source.size, 'settled');
      if (source.size === 0 || kindOf(source.index) === kind) return undefined;
      const settled = newSegment(options, kind);
      core.segments.replace([...core.segments.segments, settled]);
      return settled;
    });
    if (target !== undefined) await moveAll(core, source, target, signal);
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
    if (!(await moveAll(core, source, target, signal))) full.add(target);
  }
}

/** Moves rows turn by turn; false when they did not all fit. */
async function moveAll(
  { options, queue }: CollectionCore,
  source: Segment,
  target: Segment,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const rowsMax = segmentRows(options);
  while (source.size > 0) {
    signal?.throwIfAborted();
    const hasRoom = await queue.exclusive(async () => {
      return moveRows(source, target, options.dimension, rowsMax);
    });
    if (!hasRoom) return source.size === 0;
    await scheduler.yield();
  }
  return true;
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
