// A site's word that it gives no update, against the plan that it names.

import type { Digest, MemberId, Refusal, RoundPlan, Withdrawal } from '@starling/shared';
import { refusal } from '@starling/shared';

/** Undefined when the member is out of the round from here on. */
export function checkWithdrawal(
  withdrawal: Withdrawal,
  sender: MemberId,
  plan: RoundPlan,
  planDigest: Digest,
): Refusal | undefined {
  if (withdrawal.round < plan.round) {
    return refusal('stale-round', `round ${withdrawal.round}, now ${plan.round}`);
  }
  if (withdrawal.round > plan.round) {
    return refusal('future-round', `round ${withdrawal.round}, now ${plan.round}`);
  }
  if (withdrawal.plan !== planDigest) return refusal('unknown-plan', 'withdraws from another plan');
  if (!plan.cohort.includes(sender)) return refusal('not-in-cohort', 'was not asked to train');
  return undefined;
}
