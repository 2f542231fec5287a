import type { SearchHit } from './vector-index.ts';

// Two kernels may round a tie differently in the last bits of a float32.
const TIE_TOLERANCE = 1e-6;

/**
 * The share of the exact hits that an approximate search found. A hit counts when it is no
 * farther than the farthest exact one, so equal distances are interchangeable.
 *
 * @param exact - the hits of an exact index for the same query and k
 */
export function recallAtK(found: readonly SearchHit[], exact: readonly SearchHit[]): number {
  const farthest = exact.at(-1)?.distance;
  if (farthest === undefined) return 1;
  const bound = farthest + TIE_TOLERANCE * Math.max(1, Math.abs(farthest));
  const hits = found.filter((hit) => hit.distance <= bound).length;
  return Math.min(hits, exact.length) / exact.length;
}
