// Quorums by weight. With equal weights this is `quorumSize`: weight > (W + Fw) / 2.

import { faultTolerance, placeOfThird, quorumSize } from '../quorum.ts';

/**
 * Weights of an epoch's members and what they add up to.
 * Invariant: two sets of at least `quorum` share more than `tolerated` weight.
 */
export interface VotingPower {
  readonly weights: Float64Array;
  readonly total: number;
  /** Fw = ⌊(W − 1) / 3⌋: what may lie. */
  readonly tolerated: number;
  /** The least weight above (W + Fw) / 2. */
  readonly quorum: number;
}

/**
 * Equal weights when none are given.
 * @throws {RangeError} for a weight that is no positive integer, for unequal weights of which one
 * reaches W / 3, and for another number of weights than members.
 */
export function votingPower(members: number, given?: readonly number[]): VotingPower {
  const weights = Float64Array.from(given ?? Array.from({ length: members }, () => 1));
  if (weights.length !== members) {
    throw new RangeError(`${weights.length} weights for ${members} members`);
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [member, weight] of weights.entries()) {
    if (!Number.isSafeInteger(weight) || weight < 1) {
      throw new RangeError(`the weight ${weight} of member ${member} is no positive integer`);
    }
  }
  const heavy = placeOfThird(weights);
  if (heavy !== undefined) {
    const weight = weights[heavy];
    throw new RangeError(`the weight ${weight} of member ${heavy} violates w < W/3 = ${total / 3}`);
  }
  return { weights, total, tolerated: faultTolerance(total), quorum: quorumSize(total) };
}
