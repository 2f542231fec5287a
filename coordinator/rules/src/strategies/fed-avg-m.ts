// FedAvgM: Hsu, Qi, Brown, "Measuring the Effects of Non-Identical Data Distribution for Federated
// Visual Classification", 2019, section 4.2.

import type { ArrayRecord } from '@starling/shared';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { sumReplies } from './fed-avg.ts';
import { above, belowOne, completeOptions, type OptionRules } from './options.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import { ServerState } from './server-state.ts';
import type { RoundContext } from './strategy.ts';

export interface FedAvgMOptions extends SamplingOptions {
  readonly serverLearningRate: number;
  /** β; 0 with a learning rate of 1 is FedAvg. */
  readonly serverMomentum: number;
}

export const FED_AVG_M: FedAvgMOptions = Object.freeze({
  ...SAMPLING,
  serverLearningRate: 1,
  serverMomentum: 0,
});

export const FED_AVG_M_RULES: OptionRules<FedAvgMOptions> = {
  ...SAMPLING_RULES,
  serverLearningRate: above(0),
  serverMomentum: belowOne,
};

/** v ← βv + Δ, w ← w + ηv, with Δ the mean of the trained weights minus w. State: `momentum`. */
export class FedAvgM extends BaseStrategy<FedAvgMOptions> {
  override readonly name = 'FedAvgM';
  readonly #state = new ServerState('FedAvgM', ['momentum']);

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedAvgMOptions> = {}) {
    super(completeOptions('FedAvgM', options, FED_AVG_M, FED_AVG_M_RULES));
  }

  override state(): ArrayRecord {
    return this.#state.copy();
  }

  override restore(state: ArrayRecord): void {
    this.#state.restore(state);
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    const before = this.#state.read('momentum', base.length);
    const { sum, weight } = await sumReplies(context, intake);
    const { serverLearningRate, serverMomentum } = this.options;
    const momentum = new Float32Array(base.length);
    const model = new Float32Array(base.length);
    for (let i = 0; i < base.length; i++) {
      const weightBefore = base[i] as number;
      const delta = (sum[i] as number) / weight - weightBefore;
      const velocity = serverMomentum * (before[i] as number) + delta;
      momentum[i] = velocity;
      model[i] = weightBefore + serverLearningRate * velocity;
    }
    return { model, commit: () => this.#state.write({ momentum }) };
  }
}
