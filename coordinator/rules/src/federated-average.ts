// FedAvg (McMahan et al. 2017, algorithm 1): the base plus the example-weighted mean of updates.

import { RulesError } from './rules-error.ts';
import { WeightedSum } from './weighted-sum.ts';

export interface WeightedUpdate {
  /** Local training examples, the weight. */
  readonly examples: number;
  /** Difference to the base, `[elements]`. */
  readonly delta: Float32Array;
}

/** One after the other, so that a caller that pulls them holds one at a time. */
export type WeightedUpdates = AsyncIterable<WeightedUpdate> | Iterable<WeightedUpdate>;

/**
 * The next model, `[elements]`. Callers order the updates by member id; each is added before the
 * next one is asked for, so one update and one float64 sum are in memory, however many there are.
 * @throws {RulesError} `no-updates` when there is none, `invalid-options` for unlike lengths or a
 * weight that is no positive integer.
 */
export async function federatedAverage(
  base: Float32Array,
  updates: WeightedUpdates,
): Promise<Float32Array> {
  const sum = new WeightedSum(base.length);
  for await (const { delta, examples } of updates) {
    if (delta.length !== base.length) {
      throw new RulesError('invalid-options', `${delta.length} elements against ${base.length}`);
    }
    if (!Number.isSafeInteger(examples) || examples < 1) {
      throw new RulesError('invalid-options', `a weight of ${examples} examples`);
    }
    sum.add(delta, examples);
  }
  if (sum.weight === 0) throw new RulesError('no-updates', 'nothing to average');
  return sum.meanOnto(base);
}
