// FedProx: Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith, "Federated Optimization in Heterogeneous
// Networks", MLSys 2020, algorithm 2.

import type { ConfigRecord } from '@starling/shared';
import { BaseStrategy, type Combined, type Intake } from './base-strategy.ts';
import { sumReplies } from './fed-avg.ts';
import { atLeast, completeOptions, type OptionRules } from './options.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext } from './strategy.ts';

export interface FedProxOptions extends SamplingOptions {
  /** μ of the proximal term μ/2 ‖w − w_t‖² in every node's loss; 0 is FedAvg. */
  readonly proximalMu: number;
}

export const FED_PROX: FedProxOptions = Object.freeze({ ...SAMPLING, proximalMu: 0 });

export const FED_PROX_RULES: OptionRules<FedProxOptions> = {
  ...SAMPLING_RULES,
  proximalMu: atLeast(0),
};

/** FedAvg whose nodes are sent `proximal-mu` and keep near the weights they received. */
export class FedProx extends BaseStrategy<FedProxOptions> {
  override readonly name = 'FedProx';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedProxOptions> = {}) {
    super(completeOptions('FedProx', options, FED_PROX, FED_PROX_RULES));
  }

  protected override trainConfig(): ConfigRecord {
    return { 'proximal-mu': this.options.proximalMu };
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    return { model: (await sumReplies(context, intake)).mean() };
  }
}
