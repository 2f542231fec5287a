// FedAvg over masked sums: the base plus the example-weighted mean that each group's sum opened.
// Bit-identical everywhere: float64 in the order of groups, one rounding to float32 at the end.

import type { DecodedSum } from '@starling/crypto';
import type { SumStatistics } from '@starling/shared';
import { toMicros } from '@starling/shared';
import { RulesError } from './rules-error.ts';

/**
 * The next model, `[elements]`.
 * @throws {RulesError} `no-updates` without a group, `invalid-options` for unlike lengths
 */
export function maskedAverage(base: Float32Array, groups: readonly DecodedSum[]): Float32Array {
  if (groups.length === 0) throw new RulesError('no-updates', 'nothing to average');
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  const next = new Float32Array(base.length);
  for (const { mean } of groups) {
    if (mean.length === base.length) continue;
    throw new RulesError('invalid-options', `${mean.length} elements against ${base.length}`);
  }
  for (let i = 0; i < next.length; i++) {
    let change = 0;
    for (const { mean, weight } of groups) change += (mean[i] as number) * (weight / total);
    next[i] = (base[i] as number) + change;
  }
  return next;
}

/** True when a claim repeats what was computed. */
export function isSameStatistics(found: SumStatistics, claimed: SumStatistics | null): boolean {
  return claimed !== null && STATISTICS.every((field) => found[field] === claimed[field]);
}

const STATISTICS = ['clippedMicros', 'examples', 'lossFirstMicros', 'lossLastMicros'] as const;

/** What the groups' sums tell besides the model, over all of them. */
export function sumStatistics(groups: readonly DecodedSum[]): SumStatistics {
  const total = groups.reduce((sum, { weight }) => sum + weight, 0);
  // A member may mask any number as its loss: what is no loss must not stop the round.
  const mean = (of: (group: DecodedSum) => number): number =>
    Math.max(
      0,
      groups.reduce((sum, group) => sum + of(group) * (group.weight / total), 0),
    );
  return {
    clippedMicros: toMicros(mean(({ clippedFraction }) => clippedFraction)),
    examples: total,
    lossFirstMicros: toMicros(mean(({ lossFirst }) => lossFirst)),
    lossLastMicros: toMicros(mean(({ lossLast }) => lossLast)),
  };
}
