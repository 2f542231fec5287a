import type { SearchHit } from '../vector-index.ts';

/** The `k` nearest of several sorted lists, nearest first; equal distances go by id. */
export function mergeHits(lists: readonly (readonly SearchHit[])[], k: number): SearchHit[] {
  const [only, ...others] = lists.filter((list) => list.length > 0);
  if (only === undefined) return [];
  if (others.length === 0) return only.slice(0, k);
  return [only, ...others].flat().sort(nearestFirst).slice(0, k);
}

function nearestFirst(a: SearchHit, b: SearchHit): number {
  if (a.distance !== b.distance) return a.distance - b.distance;
  return a.id < b.id ? -1 : 1;
}
