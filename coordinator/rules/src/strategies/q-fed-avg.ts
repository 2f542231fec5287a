// q-FedAvg: Li, Sanjabi, Beirami, Smith, "Fair Resource Allocation in Federated Learning", ICLR 2020,
// algorithm 2.

import type { ConfigRecord, RecordDict } from '@starling/shared';
import { squaredDistance, WeightedSum } from '../weighted-sum.ts';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { realPower } from './exact-power.ts';
import { above, atLeast, completeOptions, type OptionRules, text } from './options.ts';
import { metricFault } from './reply-intake.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext, StrategyInput } from './strategy.ts';

export interface QFedAvgOptions extends SamplingOptions {
  /** Fairness: 0 is FedAvg, more gives nodes with a high loss more say. */
  readonly q: number;
  /** The nodes' learning rate, sent to them as `learning-rate`; its inverse stands for L. */
  readonly clientLearningRate: number;
  /** The metric with a node's loss at the weights it received. */
  readonly trainLossKey: string;
}

export const Q_FED_AVG: QFedAvgOptions = Object.freeze({
  ...SAMPLING,
  q: 0.1,
  clientLearningRate: 0.1,
  trainLossKey: 'train-loss',
});

export const Q_FED_AVG_RULES: OptionRules<QFedAvgOptions> = {
  ...SAMPLING_RULES,
  q: atLeast(0),
  clientLearningRate: above(0),
  trainLossKey: text,
};

/** Keeps F^(q−1) finite at a loss of 0. */
const LOSS_OFFSET = 1e-10;

/**
 * With Δw_k = L(w − w_k): w ← w − Σ p_k F_k^q Δw_k / Σ p_k (q F_k^(q−1) ‖Δw_k‖² + L F_k^q). The
 * paper draws nodes by p_k; here they are drawn alike and weigh p_k, so that q = 0 is FedAvg.
 */
export class QFedAvg extends BaseStrategy<QFedAvgOptions> {
  override readonly name = 'QFedAvg';
  override readonly input: StrategyInput = 'updates';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<QFedAvgOptions> = {}) {
    super(completeOptions('QFedAvg', options, Q_FED_AVG, Q_FED_AVG_RULES));
  }

  protected override trainConfig(): ConfigRecord {
    return { 'learning-rate': this.options.clientLearningRate };
  }

  protected override demand({ metrics }: RecordDict): string | undefined {
    const { trainLossKey } = this.options;
    return metricFault(metrics, trainLossKey, 'a loss of at least 0', (loss) => loss >= 0);
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    const { q, clientLearningRate, trainLossKey } = this.options;
    const lipschitz = 1 / clientLearningRate;
    const moves = new WeightedSum(base.length);
    let curvature = 0;
    for await (const { model, weight, content } of intake.replies) {
      const loss = (content.metrics[trainLossKey] as number) + LOSS_OFFSET;
      const power = realPower(loss, q);
      const squared = lipschitz * lipschitz * squaredDistance(model, base);
      moves.addDifference(model, base, weight * power * lipschitz);
      curvature += weight * (q * realPower(loss, q - 1) * squared + lipschitz * power);
    }
    intake.demandAtLeast(1);
    return { model: moves.scaledOnto(base, 1 / curvature) };
  }
}
