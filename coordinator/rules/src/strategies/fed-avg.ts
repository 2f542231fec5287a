// FedAvg: McMahan, Moore, Ramage, Hampson, Agüera y Arcas, "Communication-Efficient Learning of Deep
// Networks from Decentralized Data", AISTATS 2017, algorithm 1.

import { WeightedSum } from '../weighted-sum.ts';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { completeOptions } from './options.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext } from './strategy.ts';

/**
 * The next model is the mean of the trained weights by examples: w ← Σ n_k w_k / Σ n_k.
 * Streams: one update and one float64 sum in memory.
 */
export class FedAvg extends BaseStrategy<SamplingOptions> {
  override readonly name = 'FedAvg';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<SamplingOptions> = {}) {
    super(completeOptions('FedAvg', options, SAMPLING, SAMPLING_RULES));
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    return { model: (await sumReplies(context, intake)).mean() };
  }
}

/**
 * Σ weight · weights over the replies that count.
 * @throws {RulesError} `too-few-replies` when there is none
 */
export async function sumReplies(context: RoundContext, intake: Intake): Promise<WeightedSum> {
  const sum = new WeightedSum(modelOf(context).length);
  for await (const { model, weight } of intake.replies) sum.add(model, weight);
  intake.demandAtLeast(1);
  return sum;
}
