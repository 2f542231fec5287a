// Who votes in an epoch: everyone up to 128 members, above that a committee drawn by weight, whose
// certificates the others follow.

import { committeeFailure } from '../bounds/committee.ts';
import { faultTolerance, placeOfThird } from '../quorum.ts';
import { COMMITTEE_SIZE, electCommittee } from '../sampling/committee.ts';

export interface Voter<Member> {
  readonly member: Member;
  /** What its vote counts in the certificate engine: its own weight, or the seats that it drew. */
  readonly weight: number;
}

/**
 * The voters of an epoch, in the members' order. A seed that everyone knows and nobody chose, such as
 * the digest of the block that ended the epoch before, gives everyone the same committee. A member
 * that draws a third of the seats or more gives up what is too much.
 * @throws {RangeError} when members and weights differ in number, or a seed is needed and empty.
 */
export function votersOf<Member>(
  members: readonly Member[],
  weights: readonly number[],
  seed: Uint8Array,
): Voter<Member>[] {
  if (members.length !== weights.length) {
    throw new RangeError(`${members.length} members with ${weights.length} weights`);
  }
  if (members.length <= COMMITTEE_SIZE) {
    return members.map((member, i) => ({ member, weight: weights[i] ?? 0 }));
  }
  const drawn = electCommittee(members, weights, seed);
  const seats = drawn.map((seat) => seat.seats);
  for (let heavy = placeOfThird(seats); heavy !== undefined; heavy = placeOfThird(seats)) {
    seats[heavy] = (seats[heavy] ?? 0) - 1;
  }
  return drawn.map(({ member }, i) => ({ member, weight: seats[i] ?? 0 }));
}

export interface VotersRisk {
  /** Voters, or seats of the committee. */
  readonly seats: number;
  /** Liars among them, by weight, that the certificates tolerate. */
  readonly tolerated: number;
  /** P[more than that are among them] when liars have this share of the weight. */
  readonly failure: number;
  /** The above for people. */
  readonly text: string;
}

/**
 * How likely the voters of an epoch are too corrupt to be safe, when liars have `liarShare` of all
 * weight. Everyone votes up to 128 members: then it is 0 or 1.
 * @throws {RangeError} unless 0 <= liarShare <= 1 and there is weight
 */
export function votersRisk(weights: readonly number[], liarShare: number): VotersRisk {
  if (!(liarShare >= 0 && liarShare <= 1)) {
    throw new RangeError(`0 <= liarShare <= 1, but it is ${liarShare}`);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const isWhole = weights.length <= COMMITTEE_SIZE;
  const seats = isWhole ? total : Math.min(COMMITTEE_SIZE, total);
  const tolerated = faultTolerance(seats);
  // Products such as 0.29 × 100 come out a little too small.
  const liars = Math.floor(total * liarShare + 1e-9);
  const failure = committeeFailure(total, liars, seats);
  const who = isWhole
    ? `all ${weights.length} members vote`
    : `a committee of ${seats} seats votes`;
  const percent = Math.round(liarShare * 1000) / 10;
  const chance = failure === 0 ? 'never' : `with probability ${failure.toExponential(1)}`;
  const text =
    `${who} and tolerates ${tolerated} liars by weight; with ${percent} % of the weight lying, ` +
    `more of them are voters ${chance}`;
  return { seats, tolerated, failure, text };
}
