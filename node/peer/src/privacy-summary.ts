// What `starling privacy` shows: spent, round by round, and what would be refused next. Numbers and
// null only, so that it travels as JSON.

import { PRIVACY_UNITS, type PrivacyUnit, RdpCurve } from '@starling/crypto';
import { fromMicros } from '@starling/shared';
import type { PrivacyCharge, PrivacySpending } from './privacy-budget.ts';
import { noiseMultiplierMin, type PrivacyLimit, wouldExceed } from './privacy-limit.ts';

export interface UnitSummary {
  /** ε by Mironov's conversion over the rounds with noise; null without bound. */
  readonly epsilonClassic: number | null;
  /** ε by the conversion of Canonne et al.; what the limit is compared with. */
  readonly epsilonTight: number | null;
  /** Rounds whose noise protected this unit. */
  readonly rounds: number;
  /** Rounds that showed it without bound; ε does not hold them. */
  readonly roundsWithoutBound: number;
}

export interface PrivacyRoundSummary {
  readonly round: number;
  readonly sources: readonly {
    readonly mechanism: string;
    readonly noiseMultiplier: number;
    /** Poisson sampling rate, 1 for any other selection. */
    readonly rate: number;
    readonly steps: number;
  }[];
  /** ε for each unit after this round by the tight conversion; null without bound. */
  readonly epsilonAfter: Readonly<Record<PrivacyUnit, number | null>>;
}

export interface PrivacySummary {
  readonly limit: PrivacyLimit;
  readonly spent: Readonly<Record<PrivacyUnit, UnitSummary>>;
  readonly rounds: readonly PrivacyRoundSummary[];
  readonly next: {
    /** Why a round without noise would be refused; null when it would not. */
    readonly withoutNoise: string | null;
    /** The same for a round like the last; null also before the first. */
    readonly likeTheLast: string | null;
    /** Rounds like the last that still fit, counted up to a thousand; null without limit or last. */
    readonly roundsLikeTheLast: number | null;
    /**
     * Least noise multiplier for the unit with which a round of all sites would be taken; null
     * without a limit, and when no noise is enough.
     */
    readonly noiseMultiplierMin: number | null;
  };
}

const ROUNDS_AHEAD_MAX = 1_000;

export interface PrivacyRecord {
  /** In their order. */
  readonly charges: readonly PrivacyCharge[];
  readonly curveOf: (charge: PrivacyCharge, unit: PrivacyUnit) => RdpCurve;
  readonly limit: PrivacyLimit;
  readonly spent: Readonly<Record<PrivacyUnit, PrivacySpending>>;
}

export function summarise(record: PrivacyRecord): PrivacySummary {
  const { charges, curveOf, limit, spent } = record;
  const last = charges.at(-1);
  const current = spent[limit.unit].curve;
  const lastCost = last === undefined ? undefined : curveOf(last, limit.unit);
  const refusal = (cost: RdpCurve | undefined) =>
    cost === undefined ? null : (wouldExceed(current, cost, limit) ?? null);
  return {
    limit,
    spent: byUnit((unit) => unitSummary(spent[unit], limit.delta)),
    rounds: roundLines(record),
    next: {
      withoutNoise: refusal(RdpCurve.NO_BOUND),
      likeTheLast: refusal(lastCost),
      roundsLikeTheLast: lastCost === undefined ? null : roundsAhead(current, lastCost, limit),
      noiseMultiplierMin: noiseMultiplierMin(current, limit) ?? null,
    },
  };
}

/** What one unit's rounds came to at this δ. */
export function unitSummary(spending: PrivacySpending, delta: number): UnitSummary {
  const { curve, rounds, roundsWithoutBound } = spending;
  return {
    epsilonClassic: finite(curve.epsilon(delta, 'classic').epsilon),
    epsilonTight: finite(curve.epsilon(delta, 'tight').epsilon),
    rounds,
    roundsWithoutBound,
  };
}

function roundLines({ charges, curveOf, limit }: PrivacyRecord): PrivacyRoundSummary[] {
  const sums = byUnit(() => RdpCurve.ZERO);
  return charges.map((charge) => {
    for (const unit of PRIVACY_UNITS) sums[unit] = sums[unit].plus(curveOf(charge, unit));
    return {
      round: charge.round,
      sources: charge.sources.map(({ mechanism, noiseMultiplierMicros, rateMicros, steps }) => ({
        mechanism,
        noiseMultiplier: fromMicros(noiseMultiplierMicros),
        rate: fromMicros(rateMicros),
        steps,
      })),
      epsilonAfter: byUnit((unit) => finite(sums[unit].epsilon(limit.delta, 'tight').epsilon)),
    };
  });
}

function roundsAhead(spent: RdpCurve, cost: RdpCurve, limit: PrivacyLimit): number | null {
  if (limit.epsilonMax === null) return null;
  const fits = (rounds: number) => wouldExceed(spent, cost.times(rounds), limit) === undefined;
  let [most, tooMany] = [0, ROUNDS_AHEAD_MAX + 1];
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2);
    if (fits(middle)) most = middle;
    else tooMany = middle;
  }
  return most;
}

function byUnit<T>(of: (unit: PrivacyUnit) => T): Record<PrivacyUnit, T> {
  return { example: of('example'), site: of('site') };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
