// SCAFFOLD: Karimireddy, Kale, Mohri, Reddi, Stich, Suresh, "SCAFFOLD: Stochastic Controlled
// Averaging for Federated Learning", ICML 2020, algorithm 1: the server's part.

import type { ArrayRecord, ConfigRecord, RecordDict } from '@starling/shared';
import { WeightedSum } from '../weighted-sum.ts';
import { BaseStrategy, type Combined, type Intake, modelOf } from './base-strategy.ts';
import { above, completeOptions, type OptionRules, oneOf, yesOrNo } from './options.ts';
import { arrayFault } from './reply-intake.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import { ServerState } from './server-state.ts';
import type { RoundContext } from './strategy.ts';

export interface ScaffoldOptions extends SamplingOptions {
  /** η_g. */
  readonly serverLearningRate: number;
  /**
   * How a node makes its next control variate, sent as `control-option`: 1, the gradient of its
   * data at the server's model; 2, c_i − c + (x − y_i) / (steps · learning rate).
   */
  readonly controlOption: 1 | 2;
  /** Weights nodes by `weightedByKey`; the paper counts every node alike. */
  readonly weighted: boolean;
}

export const SCAFFOLD_DEFAULTS: ScaffoldOptions = Object.freeze({
  ...SAMPLING,
  serverLearningRate: 1,
  controlOption: 2,
  weighted: false,
});

export const SCAFFOLD_RULES: OptionRules<ScaffoldOptions> = {
  ...SAMPLING_RULES,
  serverLearningRate: above(0),
  controlOption: oneOf(1, 2),
  weighted: yesOrNo,
};

/**
 * x ← x + η_g mean(y_i − x), c ← c + |S|/N mean(c_i⁺ − c_i). Nodes get `arrays.control` (c), step
 * along g_i(y) − c_i + c, keep their own c_i, and answer with `arrays.control-delta` beside the
 * model. State: `control`.
 */
export class Scaffold extends BaseStrategy<ScaffoldOptions> {
  override readonly name = 'SCAFFOLD';
  readonly #state = new ServerState('SCAFFOLD', ['control']);

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<ScaffoldOptions> = {}) {
    super(completeOptions('SCAFFOLD', options, SCAFFOLD_DEFAULTS, SCAFFOLD_RULES));
  }

  override state(): ArrayRecord {
    return this.#state.copy();
  }

  override restore(state: ArrayRecord): void {
    this.#state.restore(state);
  }

  protected override trainArrays(context: RoundContext): ArrayRecord {
    return { control: this.#state.read('control', modelOf(context).length) };
  }

  protected override trainConfig(): ConfigRecord {
    return { 'control-option': this.options.controlOption };
  }

  protected override demand(content: RecordDict, elements: number): string | undefined {
    return arrayFault(content, 'control-delta', elements);
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    const before = this.#state.read('control', base.length);
    const moves = new WeightedSum(base.length);
    const deltas = new WeightedSum(base.length);
    let answered = 0;
    for await (const { model, content, nodes, weight } of intake.replies) {
      const share = this.options.weighted ? weight : nodes;
      moves.addDifference(model, base, share);
      deltas.add(content.arrays['control-delta'] as Float32Array, share);
      answered += nodes;
    }
    intake.demandAtLeast(1);
    const asked = Math.max(context.clients.length, answered);
    const control = deltas.scaledOnto(before, answered / asked / deltas.weight);
    const model = moves.scaledOnto(base, this.options.serverLearningRate / moves.weight);
    return { model, commit: () => this.#state.write({ control }) };
  }
}
