// Groups of a cohort: each is aggregated on its own, and robust rules compare the groups' means
// (SHARE, 2110.02940). Drawn from a beacon, so that nobody chooses its neighbours.

import type { Digest, MemberId } from '@starling/shared';
import { domainDigest } from '../digest.ts';

/**
 * Deals members into as many groups of at least `groupSize` as there are, equal up to one member;
 * one group when `groupSize` is null. Each group is sorted.
 */
export function groupsOf(
  members: readonly MemberId[],
  groupSize: number | null,
  beacon: Digest,
): MemberId[][] {
  const count = groupSize === null ? 1 : Math.max(1, Math.floor(members.length / groupSize));
  const ranked = members
    .map((member) => {
      const parts = [beacon, member].map((id) => Buffer.from(id, 'hex'));
      return { member, rank: domainDigest('starling/psa1/group', ...parts) };
    })
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const groups: MemberId[][] = Array.from({ length: count }, () => []);
  for (const [i, { member }] of ranked.entries()) groups[i % count]?.push(member);
  return groups.map((group) => group.sort());
}

/** Follows from what was fixed before the round: the roster and the model it starts from. */
export function roundBeacon(roster: Digest, base: Digest): Digest {
  return domainDigest(
    'starling/psa1/beacon',
    ...[roster, base].map((id) => Buffer.from(id, 'hex')),
  );
}
