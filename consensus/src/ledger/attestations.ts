// What measurements of a pattern amount to: verdicts, their count, and the bound that they certify.

import {
  type AttestationVerdict,
  type ChainRules,
  type EntryAttestation,
  MICROS,
  type Pattern,
  type Refusal,
  refusal,
} from '@starling/shared';
import { type Membership, weightAt } from './membership.ts';

/** What a member measured on its own held-out queries; fractions in millionths. */
export type Measurement = Pick<
  EntryAttestation,
  'costRatioMicros' | 'queries' | 'recallBoundMicros' | 'recallMicros'
>;

/** The verdict that follows from a measurement; a member may abstain whatever it measured. */
export function verdictOf(
  measured: Measurement,
  { expectedRecallMicros }: Pick<Pattern, 'expectedRecallMicros'>,
  rules: ChainRules,
): AttestationVerdict {
  if (measured.queries < rules.attestQueriesMin) return 'abstain';
  const isGood = measured.recallBoundMicros >= expectedRecallMicros - rules.recallSlackMicros;
  return isGood && measured.costRatioMicros <= rules.costRatioMicros ? 'accept' : 'reject';
}

/** Why a measurement cannot be one, or says something else than its verdict. */
export function attestationObjection(
  attestation: Measurement & { readonly verdict: AttestationVerdict },
  pattern: Pattern,
  rules: ChainRules,
): Refusal | undefined {
  const { recallBoundMicros, recallMicros, verdict } = attestation;
  if (recallMicros > MICROS || recallBoundMicros > recallMicros) {
    return refusal('impossible-bound', `recall ${recallMicros} with bound ${recallBoundMicros}`);
  }
  if (verdict === 'abstain' || verdict === verdictOf(attestation, pattern, rules)) return undefined;
  return refusal('impossible-bound', `${verdict}, which its own numbers contradict`);
}

/**
 * Why these attestations do not include a pattern (5.1): a quorum of the epoch's members attested,
 * abstentions counted; more than F accepted; of accepts and rejects two thirds accept; in weights
 * likewise. More than F accepts: an honest site measured the benefit. Members ascend.
 */
export function eligibilityObjection(
  attestations: readonly EntryAttestation[],
  membership: Membership,
): Refusal | undefined {
  const places: Record<AttestationVerdict, number[]> = { accept: [], reject: [], abstain: [] };
  let previous = -1;
  for (const { member, verdict } of attestations) {
    const place = membership.places.get(member);
    if (place === undefined) return refusal('unknown-sender', `${member} is no member`);
    if (place <= previous) return refusal('wrong-shape', `${member} is out of order`);
    previous = place;
    places[verdict].push(place);
  }
  const { accept, reject, abstain } = places;
  const objection = thresholdObjection(
    { accepts: accept.length, rejects: reject.length, abstains: abstain.length },
    membership.votes,
  );
  if (objection !== undefined) return refusal('too-few', objection);
  const weights = {
    accepts: weightAt(membership, accept),
    rejects: weightAt(membership, reject),
    abstains: weightAt(membership, abstain),
  };
  const inWeight = thresholdObjection(weights, membership.weight);
  return inWeight === undefined ? undefined : refusal('too-few', `${inWeight}, by weight`);
}

/**
 * What a pattern is certified to find: the lowest bound of those that accept. More than F accept, so
 * it is at most what an honest site measured, however many liars claim more; and an accept never
 * states less than the proposed bound without its slack, so liars lower it by no more than that.
 */
export function certifiedBound(attestations: readonly EntryAttestation[]): number {
  const accepts = attestations.filter(({ verdict }) => verdict === 'accept');
  return accepts.reduce((least, each) => Math.min(least, each.recallBoundMicros), MICROS);
}

interface Tally {
  readonly accepts: number;
  readonly rejects: number;
  readonly abstains: number;
}

function thresholdObjection(
  { accepts, rejects, abstains }: Tally,
  { quorum, tolerated }: Membership['votes'],
): string | undefined {
  const all = accepts + rejects + abstains;
  if (all < quorum) return `${all} attested, a quorum is ${quorum}`;
  if (accepts <= tolerated) return `${accepts} accept, ${tolerated + 1} must`;
  if (3 * accepts < 2 * (accepts + rejects)) return `${accepts} accept, ${rejects} reject`;
  return undefined;
}
