// How much a site lets be learned about its data, and whether one more round stays within it.

import { gaussianRdp, type PrivacyUnit, type RdpCurve } from '@starling/crypto';

export interface PrivacyLimit {
  /** What the limit protects: one example of the collection, or whether the site took part. */
  readonly unit: PrivacyUnit;
  /** Largest ε over all rounds, by the tight conversion; null for no limit. */
  readonly epsilonMax: number | null;
  readonly delta: number;
}

/** No limit until the site sets one. */
export const DEFAULT_PRIVACY_LIMIT: PrivacyLimit = Object.freeze({
  unit: 'example',
  epsilonMax: null,
  delta: 1e-5,
});

/** Noise multipliers above this are of no use to anyone. */
const NOISE_MULTIPLIER_MAX = 1_000;
const HALVINGS = 40;

/** Why a round of this cost is refused; undefined when it stays within the limit. */
export function wouldExceed(
  spent: RdpCurve,
  cost: RdpCurve,
  limit: PrivacyLimit,
): string | undefined {
  const { delta, epsilonMax, unit } = limit;
  if (epsilonMax === null) return undefined;
  if (!cost.isBounded) {
    return `the round spends without bound: it has no noise that protects ${described(unit)}`;
  }
  const { epsilon } = spent.plus(cost).epsilon(delta, 'tight');
  if (epsilon <= epsilonMax) return undefined;
  const shown = Number.isFinite(epsilon) ? epsilon.toFixed(3) : 'without bound';
  return `ε would be ${shown} for ${described(unit)} at δ ${delta}, and the limit is ${epsilonMax}`;
}

/**
 * The least noise multiplier with which one more round of all sites stays within the limit;
 * undefined without a limit, and when no noise is enough.
 */
export function noiseMultiplierMin(spent: RdpCurve, limit: PrivacyLimit): number | undefined {
  if (limit.epsilonMax === null) return undefined;
  const isEnough = (noiseMultiplier: number) =>
    wouldExceed(spent, gaussianRdp(noiseMultiplier, { kind: 'all' }), limit) === undefined;
  let [enough, tooLittle] = [NOISE_MULTIPLIER_MAX, 1 / NOISE_MULTIPLIER_MAX];
  if (!isEnough(enough)) return undefined;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = Math.sqrt(enough * tooLittle);
    if (isEnough(middle)) enough = middle;
    else tooLittle = middle;
  }
  return enough;
}

/** The unit as a sentence names it. */
export function described(unit: PrivacyUnit): string {
  return unit === 'site' ? 'the site' : 'one example';
}
