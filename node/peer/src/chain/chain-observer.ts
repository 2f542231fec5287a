// Before a member votes it asks the others what they saw of it: a lost or rolled-back journal is
// found that way, and never leads to a second vote, or to a second starting vote of one era.

import { readUnproved, type VerificationQueue } from '@starling/crypto';
import {
  type ChainStall,
  type ChainVote,
  chainStall,
  chainVote,
  type MemberId,
  type MessageDefinition,
  type TransportId,
} from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { ChainMail } from './chain-mail.ts';
import type { ChainWorld } from './chain-world.ts';
import { isNewer, rankOf, type VotePlace } from './highest-votes.ts';

/** The highest that anybody saw; view 0 when nobody saw a vote. */
export interface VoteFloor extends VotePlace {
  readonly vote: ChainVote | undefined;
  /** The newest own starting vote. */
  readonly start: SaidStart | undefined;
}

export interface SaidStart {
  readonly body: ChainStall;
  readonly frame: Uint8Array;
}

export interface ObserverParts {
  readonly world: ChainWorld;
  readonly mail: ChainMail;
  readonly queue: VerificationQueue;
  transportOf(member: MemberId): TransportId | undefined;
}

const NONE: VoteFloor = Object.freeze({
  epoch: 0,
  view: 0,
  rank: 0,
  vote: undefined,
  start: undefined,
});
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
  return heard.reduce((most, { floor }) => higher(most, floor), NONE);
}

function higher(a: VoteFloor, b: VoteFloor): VoteFloor {
  const { start } = isLater(b.start, a.start) ? b : a;
  return { ...(isNewer(b, a) ? b : a), start };
}

function isLater(a: SaidStart | undefined, b: SaidStart | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return (a.body.epoch - b.body.epoch || a.body.era - b.body.era) > 0;
}

/** What one member saw of this one; an answer that this site did not sign is none. */
async function ask(
  member: MemberId,
  terms: EpochTerms,
  parts: ObserverParts,
): Promise<VoteFloor | undefined> {
  const { mail, transportOf, world } = parts;
  const to = transportOf(member);
  if (to === undefined) return undefined;
  const { collection } = terms;
  const request = { kind: 'highest-vote', collection, member: world.identity.member } as const;
  const answer = await mail.ask(to, request, ASK_WITHIN_MS);
  if (answer?.outcome !== 'highest-vote') return undefined;
  const vote = await own(answer.frame, chainVote, terms, parts);
  const start = await own(answer.start, chainStall, terms, parts);
  if (vote === 'false' || start === 'false') return undefined;
  const frame = answer.start;
  const said = start === undefined || frame === null ? undefined : { body: start, frame };
  if (vote === undefined) return { ...NONE, start: said };
  return { epoch: vote.epoch, view: vote.view, rank: rankOf(vote), vote, start: said };
}

/** A statement that this site signed in this collection; undefined for none. */
async function own<T extends { readonly collection: string }>(
  frame: Uint8Array | null,
  message: MessageDefinition<T>,
  { collection, federation }: EpochTerms,
  { queue, world: { identity } }: ObserverParts,
): Promise<T | 'false' | undefined> {
  if (frame === null) return undefined;
  const unproved = readUnproved(frame, [message], {
    federation,
    nowMs: 0,
    keyOf: (sender) => (sender === identity.member ? identity.publicKey : undefined),
  });
  if (!unproved.ok || unproved.value.claimed.body.collection !== collection) return 'false';
  const holds = (await queue.check(unproved.value.claim)) === 'holds';
  return holds ? unproved.value.claimed.body : 'false';
}
