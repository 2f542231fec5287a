// FedAvg (McMahan et al. 2017, algorithm 1): the base plus the example-weighted mean of updates.

import { RulesError } from './rules-error.ts';
import { WeightedSum } from './weighted-sum.ts';

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
  const sum = new WeightedSum(base.length);
  for (const { delta, examples } of updates) {
    if (delta.length !== base.length) {
      throw new RulesError('invalid-options', `${delta.length} elements against ${base.length}`);
    }
    if (!Number.isSafeInteger(examples) || examples < 1) {
      throw new RulesError('invalid-options', `a weight of ${examples} examples`);
    }
    sum.add(delta, examples);
  }
  return sum.meanOnto(base);
}
