// Norm-bounded averaging: Sun, Kairouz, Suresh, McMahan, "Can You Really Backdoor Federated
// Learning?", 2019, section 4 (norm thresholding of updates).

import { squaredDistance, WeightedSum } from '../weighted-sum.ts';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { above, completeOptions, type OptionRules } from './options.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext, StrategyInput } from './strategy.ts';

export interface NormBoundedAvgOptions extends SamplingOptions {
  /** M: a longer update is scaled down to this Euclidean length. */
  readonly clippingNorm: number;
}

export const NORM_BOUNDED_AVG: NormBoundedAvgOptions = Object.freeze({
  ...SAMPLING,
  clippingNorm: 1,
});

export const NORM_BOUNDED_AVG_RULES: OptionRules<NormBoundedAvgOptions> = {
  ...SAMPLING_RULES,
  clippingNorm: above(0),
};

/**
 * w ← w + Σ n_k Δ_k / max(1, ‖Δ_k‖ / M) / Σ n_k: no round moves the model by more than M. Streams.
 */
export class NormBoundedAvg extends BaseStrategy<NormBoundedAvgOptions> {
  override readonly name = 'NormBoundedAvg';
  override readonly input: StrategyInput = 'updates';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<NormBoundedAvgOptions> = {}) {
    super(completeOptions('NormBoundedAvg', options, NORM_BOUNDED_AVG, NORM_BOUNDED_AVG_RULES));
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    const moves = new WeightedSum(base.length);
    let total = 0;
    for await (const { model, weight } of intake.replies) {
      const norm = Math.sqrt(squaredDistance(model, base));
      moves.addDifference(model, base, weight / Math.max(1, norm / this.options.clippingNorm));
      total += weight;
    }
    intake.demandAtLeast(1);
    return { model: moves.scaledOnto(base, 1 / total) };
  }
}
