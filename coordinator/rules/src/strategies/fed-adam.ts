// FedAdam: Reddi et al., "Adaptive Federated Optimization", ICLR 2021, algorithm 2, with the bias
// correction of Kingma and Ba, "Adam", ICLR 2015, section 2, as Flower has it.

import { wholePower } from './exact-power.ts';
import {
  FED_OPT,
  FED_OPT_RULES,
  FedOpt,
  type FedOptOptions,
  type ServerOptimizer,
} from './fed-opt.ts';
import { belowOne, completeOptions, type OptionRules, yesOrNo } from './options.ts';

export interface FedAdamOptions extends FedOptOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** η √(1 − β₂ᵗ) / (1 − β₁ᵗ) in place of η at step t; false is algorithm 2 as it stands. */
  readonly biasCorrection: boolean;
}

export const FED_ADAM: FedAdamOptions = Object.freeze({
  ...FED_OPT,
  beta1: 0.9,
  beta2: 0.99,
  biasCorrection: true,
});

export const FED_ADAM_RULES: OptionRules<FedAdamOptions> = {
  ...FED_OPT_RULES,
  beta1: belowOne,
  beta2: belowOne,
  biasCorrection: yesOrNo,
};

/** FedOpt with v ← β₂v + (1 − β₂)Δ². */
export class FedAdam extends FedOpt<FedAdamOptions> {
  override readonly name = 'FedAdam';
  protected override readonly optimizer: ServerOptimizer;

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedAdamOptions> = {}) {
    super('FedAdam', completeOptions('FedAdam', options, FED_ADAM, FED_ADAM_RULES));
    const { beta1, beta2, biasCorrection } = this.options;
    this.optimizer = {
      beta1,
      secondMoment: (before, deltaSquared) => beta2 * before + (1 - beta2) * deltaSquared,
      rate: (step) =>
        biasCorrection ? Math.sqrt(1 - wholePower(beta2, step)) / (1 - wholePower(beta1, step)) : 1,
    };
  }
}
