// Mends the graph of one index. Rows that are held or found badly are linked anew; a graph whose
// invariants are broken is built anew from its rows, because later deletes rely on its tree.

import { scheduler } from 'node:timers/promises';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { OBSERVER_THRESHOLDS } from '../observe/observer-thresholds.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { rowsThatMissThemselves } from './verify-contents.ts';

/** What a graph needs. */
export interface GraphDiagnosis {
  /** What contradicts the invariants; only a new graph helps. */
  readonly problems: readonly string[];
  /** Live slots with too few links, or that a search with their own row does not find. */
  readonly weakSlots: readonly number[];
  /** Links to deleted rows. */
  readonly staleLinks: number;
}

/** Looks at one graph; O(rows × links), and a search per row. */
export async function diagnoseGraph(
  index: HnswIndex,
  signal?: AbortSignal,
): Promise<GraphDiagnosis> {
  const { problems, staleLinks } = index.verify();
  if (problems.length > 0) return { problems, weakSlots: [], staleLinks };
  const view = index.view();
  const weak = new Set<number>();
  const floor = Math.min(OBSERVER_THRESHOLDS.degreeFloor, index.size - 1);
  for (let slot = 0; slot < view.slotCount; slot++) {
    if (!view.isLive(slot)) continue;
    const degree = view.targets(0, slot).filter((target) => view.isLive(target)).length;
    if (degree < floor) weak.add(slot);
  }
  for (const id of (await rowsThatMissThemselves(index, 1, signal)).missing) {
    const slot = index.slotOf(id);
    if (slot !== undefined) weak.add(slot);
  }
  return { problems, weakSlots: [...weak], staleLinks };
}

/** Links slots anew, in turns. */
export async function relinkSlots(
  index: HnswIndex,
  slots: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  for (const [i, slot] of slots.entries()) {
    index.relink(slot);
    if (i % COLLECTION_LIMITS.rowsPerTurn > 0) continue;
    signal?.throwIfAborted();
    await scheduler.yield();
  }
}

/** An index of the same rows whose graph is built anew, in turns. */
export async function rebuildGraph(index: HnswIndex, signal?: AbortSignal): Promise<HnswIndex> {
  const rebuilt = new HnswIndex(index.options);
  rebuilt.reserve(index.size);
  const ids = [...index.ids()];
  const { dimension } = index;
  for (let start = 0; start < ids.length; start += COLLECTION_LIMITS.rowsPerTurn) {
    signal?.throwIfAborted();
    const some = ids.slice(start, start + COLLECTION_LIMITS.rowsPerTurn);
    const vectors = new Float32Array(some.length * dimension);
    for (const [row, id] of some.entries()) {
      const vector = index.vectorOf(id);
      if (vector !== undefined) vectors.set(vector, row * dimension);
    }
    rebuilt.insertBatch(some, vectors);
    await scheduler.yield();
  }
  return rebuilt;
}
