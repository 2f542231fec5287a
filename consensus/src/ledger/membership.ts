// Who decides an epoch: members in ascending order of their ids, each with a weight.

import { type Digest, encodeCanonical, type MemberId } from '@starling/shared';
import { faultTolerance, placeOfThird, quorumSize } from '../quorum.ts';
import { votingPower } from '../simplex/voting-power.ts';

export interface ChainMember {
  readonly member: MemberId;
  readonly publicKey: Uint8Array;
  readonly weight: number;
}

/** How many votes, or how much weight, decide and may lie. */
export interface Threshold {
  readonly quorum: number;
  readonly tolerated: number;
}

/** Invariant: members ascend; `digest` names their ids, weights and the roster's number. */
export interface Membership {
  readonly digest: Digest;
  readonly members: readonly ChainMember[];
  /** Place of each member, which is its number as a voter. */
  readonly places: ReadonlyMap<MemberId, number>;
  readonly rosterSeq: number;
  readonly votes: Threshold;
  readonly weight: Threshold;
}

/** The active peers of a roster whose administrators' signatures hold. */
export interface OpenedRoster {
  readonly digest: Digest;
  readonly seq: number;
  /** In ascending order of their ids, at least one. */
  readonly peers: readonly RosterPeer[];
}

export interface RosterPeer {
  readonly member: MemberId;
  readonly publicKey: Uint8Array;
  /** Whose place it took by a new key. */
  readonly formerly: MemberId | null;
}

export type DigestOf = (bytes: Uint8Array) => Digest;

/**
 * Names the members; ids are digests of keys, so the keys need not be in it.
 * @throws {RangeError} when there is no member, when they do not ascend, or when one of unequal
 * weights reaches a third.
 */
export function membershipOf(
  members: readonly ChainMember[],
  rosterSeq: number,
  digestOf: DigestOf,
): Membership {
  const isAscending = members.every(({ member }, i) => member > (members[i - 1]?.member ?? ''));
  if (!isAscending) throw new RangeError('members do not ascend, or one stands twice');
  const named = members.map(({ member, weight }) => ({ member, weight }));
  const weights = members.map(({ weight }) => weight);
  const { quorum, tolerated } = votingPower(members.length, weights);
  return {
    digest: digestOf(encodeCanonical({ members: named, rosterSeq })),
    members,
    places: new Map(members.map(({ member }, place) => [member, place])),
    rosterSeq,
    votes: { quorum: quorumSize(members.length), tolerated: faultTolerance(members.length) },
    weight: { quorum, tolerated },
  };
}

/**
 * The members after a change of roster. Weights stay with their members, also under a new key; who
 * comes weighs 1. When a weight would then reach a third of all, everyone weighs 1.
 */
export function membershipAfter(
  before: Membership,
  { peers, seq }: OpenedRoster,
  digestOf: DigestOf,
): Membership {
  const weightOf = (member: MemberId | null) =>
    member === null ? undefined : before.members[before.places.get(member) ?? -1]?.weight;
  const members = peers.map(({ formerly, member, publicKey }) => ({
    member,
    publicKey,
    weight: weightOf(member) ?? weightOf(formerly) ?? 1,
  }));
  const isTooHeavy = placeOfThird(members.map(({ weight }) => weight)) !== undefined;
  const levelled = members.map((each) => ({ ...each, weight: 1 }));
  return membershipOf(isTooHeavy ? levelled : members, seq, digestOf);
}

/** The sum of the weights of members at these places. */
export function weightAt(membership: Membership, places: readonly number[]): number {
  return places.reduce((sum, place) => sum + (membership.members[place]?.weight ?? 0), 0);
}
