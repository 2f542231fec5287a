// Malkov & Yashunin 2016, Algorithm 4 (SELECT-NEIGHBORS-HEURISTIC) with keepPrunedConnections and
// without extendCandidates, plus links that may not be dropped.

import { DIVERSE_BEFORE, DIVERSE_NOW } from './candidate-list.ts';
import type { HnswGraph } from './hnsw-graph.ts';

/**
 * Chooses up to `limit` neighbours of `centre` from `scratch.pool` (nearest first) into
 * `scratch.chosen`: those nearer to the centre than to every neighbour chosen before them, then
 * the nearest discarded ones. Pinned links are always chosen.
 *
 * @param keepPruned - whether discarded candidates fill the remaining room
 */
export function selectNeighbours(
  graph: HnswGraph,
  level: number,
  centre: number,
  limit: number,
  keepPruned: boolean,
): void {
  const { chosen, discarded, pool } = graph.scratch;
  chosen.clear();
  discarded.clear();
  let pinnedLeft = countPinned(graph, level, centre);
  for (let i = 0; i < pool.length; i++) {
    if (pinnedLeft === 0 && chosen.length >= limit) return;
    const slot = pool.slotAt(i);
    const rank = pool.distanceAt(i);
    const before = pool.verdictAt(i);
    const isPinned = pinnedLeft > 0 && graph.isPinned(level, centre, slot);
    if (!isPinned && chosen.length + pinnedLeft >= limit) continue;
    if (isPinned) pinnedLeft--;
    if (isDiverse(graph, slot, rank, before)) {
      chosen.append(slot, rank, Math.max(before, DIVERSE_NOW));
    } else if (isPinned) {
      chosen.append(slot, rank);
    } else if (keepPruned) {
      discarded.append(slot, rank);
    }
  }
  for (let i = 0; i < discarded.length && chosen.length < limit; i++) {
    chosen.append(discarded.slotAt(i), discarded.distanceAt(i));
  }
}

function countPinned(graph: HnswGraph, level: number, centre: number): number {
  if (level > 0) return 0;
  const { pool } = graph.scratch;
  let pinned = 0;
  for (let i = 0; i < pool.length; i++) {
    if (graph.tree.joins(centre, pool.slotAt(i))) pinned++;
  }
  return pinned;
}

// Two neighbours that were chosen together before were compared then.
function isDiverse(graph: HnswGraph, slot: number, rank: number, verdict: number): boolean {
  const { distance, scratch, table } = graph;
  const { dimension, vectors } = table;
  const { length, slots, verdicts } = scratch.chosen;
  const start = slot * dimension;
  for (let i = 0; i < length; i++) {
    if (verdict === DIVERSE_BEFORE && verdicts[i] === DIVERSE_BEFORE) continue;
    const other = (slots[i] as number) * dimension;
    if (distance(vectors, start, vectors, other, dimension) < rank) return false;
  }
  return true;
}
