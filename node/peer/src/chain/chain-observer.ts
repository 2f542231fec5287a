// Before a member votes it asks the others what they saw of it: a lost or rolled-back journal is
// found that way, and never leads to a second vote.

import { readUnproved, type VerificationQueue } from '@starling/crypto';
import { type ChainVote, chainVote, type MemberId, type TransportId } from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { ChainMail } from './chain-mail.ts';
import type { ChainWorld } from './chain-world.ts';
import { isNewer, rankOf, type VotePlace } from './highest-votes.ts';

/** The highest vote that anybody saw; view 0 when nobody saw one. */
export interface VoteFloor extends VotePlace {
  readonly vote: ChainVote | undefined;
}

export interface ObserverParts {
  readonly world: ChainWorld;
  readonly mail: ChainMail;
  readonly queue: VerificationQueue;
  transportOf(member: MemberId): TransportId | undefined;
}

const NONE: VoteFloor = Object.freeze({ epoch: 0, view: 0, rank: 0, vote: undefined });
const ASK_WITHIN_MS = 2_000;

/**
 * Asks every member of the epoch. Resolves to the highest vote once a quorum answered, this member
 * counted; to undefined while too few answer: ask again.
 */
export async function observeOwnVotes(
  terms: EpochTerms,
  parts: ObserverParts,
): Promise<VoteFloor | undefined> {
  const { identity } = parts.world;
  const { members, weight } = terms.membership;
  const answers = await Promise.all(
    members.map(async ({ member, weight: own }) => {
      if (member === identity.member) return { own, floor: NONE };
      const floor = await ask(member, terms, parts);
      return floor === undefined ? undefined : { own, floor };
    }),
  );
  const heard = answers.filter((answer) => answer !== undefined);
  const answered = heard.reduce((sum, { own }) => sum + own, 0);
  if (answered < weight.quorum) return undefined;
  return heard.reduce((most, { floor }) => (isNewer(floor, most) ? floor : most), NONE);
}

/** What one member saw of this one; an answer that this site did not sign is none. */
async function ask(
  member: MemberId,
  { collection, federation }: EpochTerms,
  { mail, queue, transportOf, world }: ObserverParts,
): Promise<VoteFloor | undefined> {
  const to = transportOf(member);
  if (to === undefined) return undefined;
  const { identity } = world;
  const request = { kind: 'highest-vote', collection, member: identity.member } as const;
  const answer = await mail.ask(to, request, ASK_WITHIN_MS);
  if (answer?.outcome !== 'highest-vote') return undefined;
  if (answer.frame === null) return NONE;
  const unproved = readUnproved(answer.frame, [chainVote], {
    federation,
    nowMs: 0,
    keyOf: (sender) => (sender === identity.member ? identity.publicKey : undefined),
  });
  if (!unproved.ok || unproved.value.claimed.body.collection !== collection) return undefined;
  if ((await queue.check(unproved.value.claim)) !== 'holds') return undefined;
  const vote = unproved.value.claimed.body;
  return { epoch: vote.epoch, view: vote.view, rank: rankOf(vote), vote };
}
