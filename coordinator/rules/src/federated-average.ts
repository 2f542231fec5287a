// FedAvg (McMahan et al. 2017, algorithm 1): the base plus the example-weighted mean of updates.
// Bit-identical everywhere: float64 sums in the order given, one rounding to float32 at the end.

import { RulesError } from './rules-error.ts';

export interface WeightedUpdate {
  /** Local training examples, the weight. */
  readonly examples: number;
  /** Difference to the base, `[elements]`. */
  readonly delta: Float32Array;
}

/**
 * The next model, `[elements]`. Callers order the updates by member id.
 * @throws {RulesError} `no-updates` for an empty list, `invalid-options` for unlike lengths or a
 * weight that is no positive integer.
 */
export function federatedAverage(
  base: Float32Array,
  updates: readonly WeightedUpdate[],
): Float32Array {
  if (updates.length === 0) throw new RulesError('no-updates', 'nothing to average');
  const sum = new Float64Array(base.length);
  let examplesTotal = 0;
  for (const { delta, examples } of updates) {
    if (delta.length !== base.length) {
      throw new RulesError('invalid-options', `${delta.length} elements against ${base.length}`);
    }
    if (!Number.isSafeInteger(examples) || examples < 1) {
      throw new RulesError('invalid-options', `a weight of ${examples} examples`);
    }
    examplesTotal += examples;
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] as number) + examples * (delta[i] as number);
    }
  }
  const next = new Float32Array(base.length);
  for (let i = 0; i < next.length; i++) {
    next[i] = (base[i] as number) + (sum[i] as number) / examplesTotal;
  }
  return next;
}
