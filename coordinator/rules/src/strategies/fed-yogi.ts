// FedYogi: Reddi et al., "Adaptive Federated Optimization", ICLR 2021, algorithm 2.

import {
  FED_OPT,
  FED_OPT_RULES,
  FedOpt,
  type FedOptOptions,
  type ServerOptimizer,
} from './fed-opt.ts';
import { belowOne, completeOptions, type OptionRules } from './options.ts';

export interface FedYogiOptions extends FedOptOptions {
  readonly beta1: number;
  readonly beta2: number;
}

export const FED_YOGI: FedYogiOptions = Object.freeze({
  ...FED_OPT,
  eta: 0.01,
  etaL: 0.0316,
  beta1: 0.9,
  beta2: 0.99,
});

export const FED_YOGI_RULES: OptionRules<FedYogiOptions> = {
  ...FED_OPT_RULES,
  beta1: belowOne,
  beta2: belowOne,
};

/** FedOpt with v ← v − (1 − β₂) Δ² sign(v − Δ²): v grows and shrinks by at most Δ² a round. */
export class FedYogi extends FedOpt<FedYogiOptions> {
  override readonly name = 'FedYogi';
  protected override readonly optimizer: ServerOptimizer;

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedYogiOptions> = {}) {
    super('FedYogi', completeOptions('FedYogi', options, FED_YOGI, FED_YOGI_RULES));
    const { beta1, beta2 } = this.options;
    this.optimizer = {
      beta1,
      secondMoment: (before, deltaSquared) =>
        before - (1 - beta2) * deltaSquared * Math.sign(before - deltaSquared),
      rate: () => 1,
    };
  }
}
