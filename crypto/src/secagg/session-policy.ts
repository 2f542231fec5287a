// What a member takes part in at all. Floors come from the member's own settings and from the
// genesis it joined under; a coordinator's announcement can only ask for more.

import type { MaskedAggregation, MemberId, Refusal, RoundPlan } from '@starling/shared';
import { refusal } from '@starling/shared';
import { groupsOf, roundBeacon } from './groups.ts';
import { corruptAmong, type Session } from './session.ts';

export interface SessionPolicy {
  /** Fewest participants. */
  readonly participantsMin: number;
  /** Fewest members whose sum this one agrees to open. */
  readonly survivorsMin: number;
  /** Largest weight that the announcement may allow one member. */
  readonly weightMax: number;
}

export const DEFAULT_SESSION_POLICY: SessionPolicy = Object.freeze({
  participantsMin: 3,
  survivorsMin: 3,
  weightMax: 1 << 24,
});

/**
 * Fewest members whose sum hides one of them, though as many collude as the federation allows for: a
 * coordinator chooses who takes part, and could otherwise surround one site with its own.
 */
export function hidingMin(plan: RoundPlan, agreed: MaskedAggregation, group: number): number {
  const { base, cohort, roster, voters } = plan;
  const dealt = groupsOf(cohort, agreed.groupSize, roundBeacon(roster, base))[group] ?? [];
  const crowd = agreed.groupSize === null ? voters : dealt;
  return corruptAmong(crowd.length, agreed) + 2;
}

/** Why a member stays out of a session; undefined when its floors hold. */
export function objectionToSession(
  session: Session,
  member: MemberId,
  agreed: MaskedAggregation,
  plan: RoundPlan,
  policy: SessionPolicy = DEFAULT_SESSION_POLICY,
): Refusal | undefined {
  const { announce } = session;
  const hiding = hidingMin(plan, agreed, announce.group.index);
  const floors: readonly (readonly [string, number, number])[] = [
    ['cohort', plan.cohort.length, Math.floor((2 * plan.voters.length) / 3) + 1],
    ['participants', announce.participants.length, policy.participantsMin],
    ['survivorsMin', announce.survivorsMin, Math.max(policy.survivorsMin, hiding)],
    ['corruptMicros', announce.corruptMicros, agreed.corruptMicros],
    ['noise multiplier', noiseOf(announce.noise), noiseOf(agreed.noise)],
  ];
  for (const [what, offered, floor] of floors) {
    if (offered < floor) return refusal('not-permitted', `${what}: ${offered} < ${floor}`);
  }
  if (announce.weightMax > policy.weightMax) {
    return refusal('not-permitted', `weightMax: ${announce.weightMax} > ${policy.weightMax}`);
  }
  const agrees =
    announce.ring === agreed.ring &&
    announce.clipMicros === agreed.clipMicros &&
    announce.dropMicros === agreed.dropMicros &&
    announce.noise?.mechanism === agreed.noise?.mechanism;
  if (!agrees) return refusal('not-permitted', 'the session quantises otherwise than agreed');
  const { graph } = announce;
  if (graph.kind === 'harary' && graph.beacon !== roundBeacon(plan.roster, plan.base)) {
    return refusal('not-permitted', "the graph is not drawn from the round's beacon");
  }
  return objectionToPlace(session, member, plan);
}

/** The session must aggregate the very round that the plan opened. */
function objectionToPlace(
  { announce }: Session,
  member: MemberId,
  plan: RoundPlan,
): Refusal | undefined {
  const isOfPlan =
    announce.round === plan.round &&
    announce.model === plan.base &&
    announce.modelVersion === plan.baseVersion &&
    announce.roster === plan.roster &&
    announce.elements === plan.elements &&
    announce.normMicros === plan.clippingNormMicros;
  if (!isOfPlan)
    return refusal('unknown-plan', 'the session is for another round, model or roster');
  if (announce.participants.some((each) => !plan.cohort.includes(each))) {
    return refusal('wrong-shape', 'a participant is not in the cohort');
  }
  if (!announce.participants.includes(member)) {
    return refusal('not-in-cohort', 'this member is no participant');
  }
  return undefined;
}

function noiseOf(noise: { readonly noiseMultiplierMicros: number } | null): number {
  return noise?.noiseMultiplierMicros ?? 0;
}
