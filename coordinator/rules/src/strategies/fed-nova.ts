// FedNova: Wang, Liu, Liang, Joshi, Poor, "Tackling the Objective Inconsistency Problem in
// Heterogeneous Federated Optimization", NeurIPS 2020, section 4 (equations 4 and 12).

import type { ConfigRecord, RecordDict } from '@starling/shared';
import { WeightedSum } from '../weighted-sum.ts';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { wholePower } from './exact-power.ts';
import { above, belowOne, completeOptions, type OptionRules } from './options.ts';
import { metricFault } from './reply-intake.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext, StrategyInput } from './strategy.ts';

export interface FedNovaOptions extends SamplingOptions {
  readonly serverLearningRate: number;
  /** ρ of the nodes' momentum SGD, sent as `momentum`; 0 is plain SGD. */
  readonly momentum: number;
}

export const FED_NOVA: FedNovaOptions = Object.freeze({
  ...SAMPLING,
  serverLearningRate: 1,
  momentum: 0,
});

export const FED_NOVA_RULES: OptionRules<FedNovaOptions> = {
  ...SAMPLING_RULES,
  serverLearningRate: above(0),
  momentum: belowOne,
};

/** Local steps that a node may claim. */
export const LOCAL_STEPS_MAX = 2 ** 30;

/**
 * Every node's update is divided by its own ‖a_i‖₁, the mean multiplied by τ_eff = Σ p_i ‖a_i‖₁:
 * w ← w + η τ_eff Σ p_i (w_i − w) / ‖a_i‖₁. Nodes answer with the metric `local-steps` (τ_i), from
 * which ‖a_i‖₁ follows for momentum SGD, and those with another solver with `local-accumulation`.
 */
export class FedNova extends BaseStrategy<FedNovaOptions> {
  override readonly name = 'FedNova';
  override readonly input: StrategyInput = 'updates';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedNovaOptions> = {}) {
    super(completeOptions('FedNova', options, FED_NOVA, FED_NOVA_RULES));
  }

  protected override trainConfig(): ConfigRecord {
    return { momentum: this.options.momentum };
  }

  protected override demand({ metrics }: RecordDict): string | undefined {
    const expected = `a whole number from 1 to ${LOCAL_STEPS_MAX}`;
    const fault = metricFault(metrics, 'local-steps', expected, (steps) => {
      return Number.isInteger(steps) && steps >= 1 && steps <= LOCAL_STEPS_MAX;
    });
    if (fault !== undefined || metrics['local-accumulation'] === undefined) return fault;
    const range = `a number from 1 to ${LOCAL_STEPS_MAX}`;
    return metricFault(metrics, 'local-accumulation', range, (norm) => {
      return norm >= 1 && norm <= LOCAL_STEPS_MAX;
    });
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    const { serverLearningRate, momentum } = this.options;
    const directions = new WeightedSum(base.length);
    let weightTotal = 0;
    let stepsWeighted = 0;
    for await (const { model, weight, content } of intake.replies) {
      const { 'local-steps': steps, 'local-accumulation': reported } = content.metrics;
      const norm = (reported ?? accumulationNorm(steps as number, momentum)) as number;
      directions.addDifference(model, base, weight / norm);
      weightTotal += weight;
      stepsWeighted += weight * norm;
    }
    intake.demandAtLeast(1);
    const stepsEffective = stepsWeighted / weightTotal;
    const factor = (serverLearningRate * stepsEffective) / weightTotal;
    return { model: directions.scaledOnto(base, factor) };
  }
}

/**
 * ‖a‖₁ of `steps` steps of SGD with momentum ρ: Σ_k (1 − ρ^(τ−k)) / (1 − ρ) over k = 0 … τ − 1,
 * which is τ when ρ is 0.
 */
export function accumulationNorm(steps: number, momentum: number): number {
  const geometric = (momentum * (1 - wholePower(momentum, steps))) / (1 - momentum);
  return (steps - geometric) / (1 - momentum);
}
