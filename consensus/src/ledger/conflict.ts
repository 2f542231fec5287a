// Conflict of patterns: exact, symmetric, in integers. Nearness is not transitive, so there are no
// classes of it; the order of the chain decides.

import type { ChainRules, Digest, Pattern } from '@starling/shared';

/** Squared Euclidean distance of two centroids, [dimension] signed bytes each. */
export function squaredDistance(a: Uint8Array, b: Uint8Array): number {
  const left = new Int8Array(a.buffer, a.byteOffset, a.byteLength);
  const right = new Int8Array(b.buffer, b.byteOffset, b.byteLength);
  let sum = 0;
  for (let i = 0; i < left.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    sum += difference * difference;
  }
  return sum;
}

/** Components between two looks at whether a distance is beyond its limit already. */
const STRIDE = 32;

/** True when {@link squaredDistance} is at most `limit`; most distances are known before the end. */
export function isWithin(a: Uint8Array, b: Uint8Array, limit: number): boolean {
  const left = new Int8Array(a.buffer, a.byteOffset, a.byteLength);
  const right = new Int8Array(b.buffer, b.byteOffset, b.byteLength);
  let sum = 0;
  for (let from = 0; from < left.length && sum <= limit; from += STRIDE) {
    const end = Math.min(left.length, from + STRIDE);
    for (let i = from; i < end; i++) {
      const difference = (left[i] ?? 0) - (right[i] ?? 0);
      sum += difference * difference;
    }
  }
  return sum <= limit;
}

/** True when two patterns of one collection are too near to be final both. */
export function conflicts(
  a: Pattern,
  b: Pattern,
  { conflictRadius }: Pick<ChainRules, 'conflictRadius'>,
): boolean {
  if (a.collection !== b.collection || a.centroid.byteLength !== b.centroid.byteLength)
    return false;
  return isWithin(a.centroid, b.centroid, conflictRadius);
}

/** A pattern that waits for its place in the chain. */
export interface Candidate {
  readonly id: Digest;
  readonly pattern: Pattern;
  readonly supersedes: readonly Digest[];
}

/** Candidates of which not all can become final: near each other, or after the same place. */
export function areRivals(
  a: Candidate,
  b: Candidate,
  rules: Pick<ChainRules, 'conflictRadius'>,
): boolean {
  if (a.supersedes.some((id) => b.supersedes.includes(id))) return true;
  return conflicts(a.pattern, b.pattern, rules);
}

/**
 * Which candidates the members must choose between: those that rivalry connects, two or more, each
 * group in ascending order of ids and the groups in order of their first. O(n²) comparisons.
 */
export function conflictGroups(
  candidates: readonly Candidate[],
  rules: Pick<ChainRules, 'conflictRadius'>,
): readonly (readonly Digest[])[] {
  const left = candidates.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const groups: (readonly Digest[])[] = [];
  while (left.length > 0) {
    const group = left.splice(0, 1);
    for (const member of group) {
      for (let i = left.length - 1; i >= 0; i--) {
        const other = left[i];
        if (other !== undefined && areRivals(member, other, rules))
          group.push(...left.splice(i, 1));
      }
    }
    if (group.length > 1) groups.push(group.map(({ id }) => id).sort());
  }
  return groups;
}
