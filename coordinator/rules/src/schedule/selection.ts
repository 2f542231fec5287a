// Who is asked to train: a weighted draw without replacement that anyone replays from the log. Integer
// weights and a seeded Mersenne twister, so that every machine draws the same.

import { Mt19937 } from '@starling/consensus';
import type { MemberId } from '@starling/shared';

/** A member at the usual size counts this many points. */
const SIZE_POINTS = 4;
/** What a member claims beyond this many times the usual size draws it no more often. */
export const SIZE_RATIO_MAX = 4;
/** Rounds of waiting that make a member likelier to be drawn. */
export const RECENCY_ROUNDS_MAX = 7;
const RELIABILITY_POINTS = 10;
/** Nobody weighs less than this part of the mean. */
export const FLOOR_DIVISOR = 10;
/** After so many full turns without being asked a member is taken before anyone is drawn. */
export const STARVED_TURNS = 2;

/** What the log says of a member that is ready and connected. */
export interface Candidate {
  readonly member: MemberId;
  /** As it registered, signed and rounded. */
  readonly examples: number;
  /** Closed rounds since it was asked; all there were when it never was. */
  readonly waitedRounds: number;
  /** Newest rounds in which it was asked, and in how many of them its update counted. */
  readonly asked: number;
  readonly answered: number;
}

export interface Scored {
  readonly member: MemberId;
  /** Zero when it was taken because it had waited long enough. */
  readonly weight: number;
}

export interface Draw {
  /** Sorted by id. */
  readonly chosen: readonly MemberId[];
  readonly scores: readonly Scored[];
  /** Taken without a draw. */
  readonly waited: readonly MemberId[];
}

/**
 * `size` of the candidates, all when there are no more. Depends on seed and on what is known of each,
 * not on their order. Whoever is available is asked within `STARVED_TURNS` full turns of a federation
 * of constant size, and one round more for each other member that waits as long.
 * @param seed of 32 bits; the plan's
 */
export function drawCohort(candidates: readonly Candidate[], size: number, seed: number): Draw {
  const sorted = [...candidates].sort((a, b) => (a.member < b.member ? -1 : 1));
  const weights = weightsOf(sorted);
  const scores = sorted.map(({ member }, i) => ({ member, weight: weights[i] as number }));
  if (sorted.length <= size) {
    return { chosen: sorted.map(({ member }) => member), scores, waited: [] };
  }
  const starvedRounds = STARVED_TURNS * Math.ceil(sorted.length / size);
  const waited = sorted
    .filter(({ waitedRounds }) => waitedRounds >= starvedRounds)
    .sort((a, b) => b.waitedRounds - a.waitedRounds || (a.member < b.member ? -1 : 1))
    .slice(0, size)
    .map(({ member }) => member);
  const pool = scores.filter(({ member }) => !waited.includes(member));
  const random = new Mt19937(seed);
  const drawn: MemberId[] = [];
  while (waited.length + drawn.length < size) {
    drawn.push(takeOne(pool, random));
  }
  return {
    chosen: [...waited, ...drawn].sort(),
    scores: scores.map((each) => (waited.includes(each.member) ? { ...each, weight: 0 } : each)),
    waited,
  };
}

function takeOne(pool: Scored[], random: Mt19937): MemberId {
  const total = pool.reduce((sum, { weight }) => sum + weight, 0);
  let left = Math.floor((random.nextUint32() * total) / 2 ** 32);
  for (const [i, { member, weight }] of pool.entries()) {
    left -= weight;
    if (left >= 0) continue;
    pool.splice(i, 1);
    return member;
  }
  throw new RangeError('nobody is left to be drawn');
}

/** Size × waiting × reliability, none below the floor; at most 16 · 8 · 10. */
function weightsOf(candidates: readonly Candidate[]): number[] {
  const sizes = candidates.map(({ examples }) => examples).sort((a, b) => a - b);
  const usual = Math.max(1, sizes[Math.floor((sizes.length - 1) / 2)] ?? 1);
  const pointsMax = SIZE_POINTS * SIZE_RATIO_MAX;
  const weights = candidates.map(({ answered, asked, examples, waitedRounds }) => {
    const size = Math.floor((SIZE_POINTS * examples) / usual);
    const points = Math.max(1, Math.min(pointsMax, size));
    const recency = 1 + Math.min(RECENCY_ROUNDS_MAX, waitedRounds);
    const reliability = Math.ceil((RELIABILITY_POINTS * (answered + 1)) / (asked + 1));
    return points * recency * reliability;
  });
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length);
  const floor = Math.max(1, Math.floor(mean / FLOOR_DIVISOR));
  return weights.map((weight) => Math.max(floor, weight));
}
