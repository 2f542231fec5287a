// Updates that came too late for their round: they may answer a later plan, and weigh less the more
// versions were made since, 1/√(1 + s). Nguyen et al. 2022 (FedBuff), section 5.

import type { Digest, MemberId, RoundPlan } from '@starling/shared';

/** The former round whose training this member may answer the plan with. */
export function lateRoundOf(
  { late }: Pick<RoundPlan, 'late'>,
  member: MemberId,
): NonNullable<RoundPlan['late']>['rounds'][number] | undefined {
  const entry = late?.members.find((each) => each.member === member);
  return late?.rounds.find(({ round }) => round === entry?.round);
}

/** Versions made since the model that a plain update starts from; undefined when it may not. */
export function stalenessOf(
  plan: Pick<RoundPlan, 'base' | 'late'>,
  member: MemberId,
  base: Digest,
): number | undefined {
  if (base === plan.base) return 0;
  const late = lateRoundOf(plan, member);
  return late?.base === base ? late.staleness : undefined;
}

/** A late difference as it counts: a copy scaled by 1/√(1 + staleness); itself when it is not stale. */
export function discountLate(delta: Float32Array, staleness: number): Float32Array {
  if (staleness === 0) return delta;
  const factor = 1 / Math.sqrt(1 + staleness);
  return delta.map((value) => value * factor);
}
