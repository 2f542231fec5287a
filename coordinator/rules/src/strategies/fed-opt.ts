// FedOpt: Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan, "Adaptive Federated
// Optimization", ICLR 2021, algorithm 2: what FedAdagrad, FedYogi and FedAdam share.

import type { ArrayRecord, ConfigRecord } from '@starling/shared';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { sumReplies } from './fed-avg.ts';
import { above, atLeast, type OptionRules } from './options.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import { ServerState } from './server-state.ts';
import type { RoundContext } from './strategy.ts';

export interface FedOptOptions extends SamplingOptions {
  /** η, the server's learning rate. */
  readonly eta: number;
  /** η_l, sent to the nodes as `learning-rate` when the round's config has none. */
  readonly etaL: number;
  /** τ, the degree of adaptivity: smaller adapts more. */
  readonly tau: number;
  /** Where v starts: 0 as in Flower; the paper asks for at least τ². */
  readonly initialAccumulator: number;
}

export const FED_OPT: FedOptOptions = Object.freeze({
  ...SAMPLING,
  eta: 0.1,
  etaL: 0.1,
  tau: 1e-3,
  initialAccumulator: 0,
});

export const FED_OPT_RULES: OptionRules<FedOptOptions> = {
  ...SAMPLING_RULES,
  eta: above(0),
  etaL: above(0),
  tau: above(0),
  initialAccumulator: atLeast(0),
};

/** What the members of the family differ in. */
export interface ServerOptimizer {
  readonly beta1: number;
  /** v from the one before and Δ². */
  secondMoment(before: number, deltaSquared: number): number;
  /** The factor on η at a step, counted from 1. */
  rate(step: number): number;
}

/**
 * Δ = mean of the trained weights − w; m ← β₁m + (1 − β₁)Δ; v by the member of the family;
 * w ← w + η m / (√v + τ). State: `first-moment`, `second-moment`, `steps`.
 */
export abstract class FedOpt<Options extends FedOptOptions> extends BaseStrategy<Options> {
  readonly #state: ServerState;

  constructor(name: string, options: Readonly<Options>) {
    super(options);
    this.#state = new ServerState(name, ['first-moment', 'second-moment', 'steps']);
  }

  protected abstract readonly optimizer: ServerOptimizer;

  override state(): ArrayRecord {
    return this.#state.copy();
  }

  override restore(state: ArrayRecord): void {
    this.#state.restore(state);
  }

  protected override trainConfig({ config }: RoundContext): ConfigRecord {
    return { 'learning-rate': config['learning-rate'] ?? this.options.etaL };
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    const { eta, tau, initialAccumulator } = this.options;
    const { beta1 } = this.optimizer;
    const firstBefore = this.#state.read('first-moment', base.length);
    const secondBefore = this.#state.read('second-moment', base.length, initialAccumulator);
    const step = (this.#state.read('steps', 1)[0] as number) + 1;
    const { sum, weight } = await sumReplies(context, intake);
    const rate = eta * this.optimizer.rate(step);
    const first = new Float32Array(base.length);
    const second = new Float32Array(base.length);
    const model = new Float32Array(base.length);
    for (let i = 0; i < base.length; i++) {
      const delta = (sum[i] as number) / weight - (base[i] as number);
      const m = beta1 * (firstBefore[i] as number) + (1 - beta1) * delta;
      const v = this.optimizer.secondMoment(secondBefore[i] as number, delta * delta);
      first[i] = m;
      second[i] = Math.min(v, FLOAT32_MAX);
      model[i] = (base[i] as number) + (rate * m) / (Math.sqrt(v) + tau);
    }
    const steps = Float32Array.of(step);
    const state = { 'first-moment': first, 'second-moment': second, steps };
    return { model, commit: () => this.#state.write(state) };
  }
}

const FLOAT32_MAX = (2 - 2 ** -23) * 2 ** 127;
