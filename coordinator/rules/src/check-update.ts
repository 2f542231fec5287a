// What an update must satisfy. The coordinator asks before it sums, every voter asks again.

import type { Checked, Digest, MemberId, ModelUpdate, Refusal, RoundPlan } from '@starling/shared';
import { euclideanNorm, fromMicros, refusal, refused, tensorFromBytes } from '@starling/shared';
import { stalenessOf } from './schedule/staleness.ts';

/** Rounding room between a site's float32 scaling and the float64 norm that others compute. */
export const NORM_TOLERANCE = 1e-4;

/** The signed digest against the plan it answers; undefined when it may be summed. */
export function checkUpdateHeader(
  update: ModelUpdate,
  sender: MemberId,
  plan: RoundPlan,
  planDigest: Digest,
): Refusal | undefined {
  if (update.round < plan.round) {
    return refusal('stale-round', `round ${update.round}, now ${plan.round}`);
  }
  if (update.round > plan.round) {
    return refusal('future-round', `round ${update.round}, now ${plan.round}`);
  }
  if (update.plan !== planDigest) return refusal('unknown-plan', 'answers another plan');
  if (!plan.cohort.includes(sender)) return refusal('not-in-cohort', 'was not asked to train');
  if (stalenessOf(plan, sender, update.base) === undefined) {
    return refusal('unknown-plan', 'starts from another base than the plan admits');
  }
  if (update.elements !== plan.elements) {
    return refusal('wrong-dimension', `${update.elements} elements, ${plan.elements} expected`);
  }
  if (update.payload.bytes !== plan.elements * 4) {
    return refusal('wrong-dimension', `${update.payload.bytes} bytes for ${plan.elements} float32`);
  }
  return undefined;
}

/** The pulled vector: right length, finite, within the plan's clipping norm. */
export function checkUpdatePayload(bytes: Uint8Array, plan: RoundPlan): Checked<Float32Array> {
  const tensor = tensorFromBytes(bytes, plan.elements);
  if (!tensor.ok) return tensor;
  const normMax = fromMicros(plan.clippingNormMicros) * (1 + NORM_TOLERANCE);
  const norm = euclideanNorm(tensor.value);
  if (norm > normMax) {
    return refused('norm-exceeded', `norm ${norm.toFixed(3)}, at most ${normMax.toFixed(3)}`);
  }
  return tensor;
}

/** Scales `delta` in place to the clipping norm; true when it was longer. */
export function clipToNorm(delta: Float32Array, clippingNorm: number): boolean {
  const norm = euclideanNorm(delta);
  if (norm <= clippingNorm) return false;
  const factor = clippingNorm / norm;
  for (let i = 0; i < delta.length; i++) delta[i] = (delta[i] as number) * factor;
  return true;
}
