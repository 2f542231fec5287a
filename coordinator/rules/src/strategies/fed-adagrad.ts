// FedAdagrad: Reddi et al., "Adaptive Federated Optimization", ICLR 2021, algorithm 2.

import {
  FED_OPT,
  FED_OPT_RULES,
  FedOpt,
  type FedOptOptions,
  type ServerOptimizer,
} from './fed-opt.ts';
import { completeOptions } from './options.ts';

/** FedOpt with v ← v + Δ² and, as in the paper's experiments, no momentum. */
export class FedAdagrad extends FedOpt<FedOptOptions> {
  override readonly name = 'FedAdagrad';
  protected override readonly optimizer: ServerOptimizer = {
    beta1: 0,
    secondMoment: (before, deltaSquared) => before + deltaSquared,
    rate: () => 1,
  };

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedOptOptions> = {}) {
    super('FedAdagrad', completeOptions('FedAdagrad', options, FED_OPT, FED_OPT_RULES));
  }
}
