// What is on record already, and what the rules say, about a message for the open round.

import {
  checkUpdateHeader,
  checkVote,
  checkWithdrawal,
  isAggregating,
  isAnswered,
  type ModelRegistry,
  type RoundState,
} from '@starling/rules';
import type {
  ModelUpdate,
  ModelVote,
  Opened,
  Refusal,
  Registration,
  Verdict,
  VersionEvaluation,
  Withdrawal,
} from '@starling/shared';
import { ACCEPT, equalBytes, refusal } from '@starling/shared';

export function objectionToUpdate(
  message: Opened<ModelUpdate>,
  round: RoundState,
): Refusal | undefined {
  const { sender, body, bodyBytes } = message;
  const objection = checkUpdateHeader(body, sender, round.plan, round.planDigest);
  if (objection !== undefined) return objection;
  const known = round.updates.get(sender);
  if (known !== undefined) {
    return equalBytes(known.bodyBytes, bodyBytes)
      ? refusal('duplicate', 'this update is on record')
      : refusal('equivocation', 'a second, different update for one plan');
  }
  if (round.refused.has(sender)) return refusal('duplicate', 'this update was refused');
  if (round.withdrawn.has(sender)) return refusal('duplicate', 'this site withdrew before');
  if (round.phase !== 'training') return refusal('stale-round', 'the round took its updates');
  return undefined;
}

/** One score of each site and version, of a version that is known. */
export function judgeScore(
  { body, sender }: Opened<VersionEvaluation>,
  { scores, versions }: Pick<ModelRegistry, 'scores' | 'versions'>,
): Verdict {
  const version = versions.find((each) => each.version === body.version);
  if (version === undefined) {
    return refusal('unknown-plan', `version ${body.version} is not known, or not any more`);
  }
  if (version.model.root !== body.model) {
    return refusal('wrong-shape', `version ${body.version} is another model`);
  }
  if (!scores.get(sender)?.has(body.version)) return ACCEPT;
  return refusal('duplicate', `version ${body.version} at this site is on record`);
}

export function judgeWithdrawal(
  { body, sender }: Opened<Withdrawal>,
  round: RoundState | undefined,
): Verdict {
  if (round === undefined) return refusal('stale-round', 'no round is open');
  const objection = checkWithdrawal(body, sender, round.plan, round.planDigest);
  if (objection !== undefined) return objection;
  if (round.withdrawn.has(sender)) return refusal('duplicate', 'it withdrew before');
  if (!isAggregating(round)) return refusal('stale-round', 'the round has its sum');
  if (isAnswered(round, sender)) return refusal('duplicate', 'its update is on record');
  return ACCEPT;
}

export function judgeVote(message: Opened<ModelVote>, round: RoundState | undefined): Verdict {
  const summed = round?.aggregate;
  if (round === undefined || summed === undefined) {
    return refusal('unknown-plan', 'nothing is voted on');
  }
  const { body, bodyBytes, sender } = message;
  const known = round.votes.get(sender);
  if (known !== undefined && body.version === summed.body.version) {
    return equalBytes(known.bodyBytes, bodyBytes)
      ? refusal('duplicate', 'this vote is on record')
      : refusal('equivocation', 'a second, different vote for one version');
  }
  return checkVote(body, sender, round.plan, summed.body) ?? ACCEPT;
}

/** True when a member says again what is on record, addresses in their order. */
export function sameRegistration(a: Registration, b: Registration): boolean {
  return (
    a.ready === b.ready &&
    a.examplesRounded === b.examplesRounded &&
    a.addresses.length === b.addresses.length &&
    a.addresses.every((address, i) => address === b.addresses[i])
  );
}
