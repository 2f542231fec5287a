// A vote counts when it repeats the aggregate that this round published, word for word.

import type { Aggregate, MemberId, ModelVote, Refusal, RoundPlan } from '@starling/shared';
import { refusal } from '@starling/shared';

/** The statement that members of the round sign for an aggregate. */
export function voteFor(aggregate: Aggregate): ModelVote {
  return {
    base: aggregate.base,
    model: aggregate.model.root,
    plan: aggregate.plan,
    round: aggregate.round,
    updates: aggregate.updates.root,
    version: aggregate.version,
  };
}

/** Undefined when the vote is for this aggregate and from one of the plan's voters. */
export function checkVote(
  vote: ModelVote,
  sender: MemberId,
  plan: RoundPlan,
  aggregate: Aggregate,
): Refusal | undefined {
  if (!plan.voters.includes(sender)) return refusal('not-permitted', 'is no voter of this round');
  if (vote.round < aggregate.round) return refusal('stale-round', `voted in round ${vote.round}`);
  if (vote.round > aggregate.round) return refusal('future-round', `voted in round ${vote.round}`);
  const expected = voteFor(aggregate);
  const differs = (Object.keys(expected) as (keyof ModelVote)[]).find(
    (field) => vote[field] !== expected[field],
  );
  if (differs === undefined) return undefined;
  return refusal('unknown-plan', `votes for another ${differs}`);
}
