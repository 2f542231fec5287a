// Multi-Krum: Blanchard, El Mhamdi, Guerraoui, Stainer, "Machine Learning with Adversaries: Byzantine
// Tolerant Gradient Descent", NIPS 2017, section 6.

import { WeightedSum } from '../weighted-sum.ts';
import type { Combined } from './base-strategy.ts';
import { KRUM, KRUM_RULES, type KrumOptions, krumOrder } from './krum.ts';
import { completeOptions, type OptionRules, wholeFrom } from './options.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy, withMalicious } from './robust-strategy.ts';
import type { RoundContext } from './strategy.ts';

export interface MultiKrumOptions extends KrumOptions {
  /** m, how many of the best scored are averaged; 1 is Krum. */
  readonly numNodesToSelect: number;
}

export const MULTI_KRUM: MultiKrumOptions = Object.freeze({ ...KRUM, numNodesToSelect: 1 });

export const MULTI_KRUM_RULES: OptionRules<MultiKrumOptions> = {
  ...KRUM_RULES,
  numNodesToSelect: wholeFrom(1),
};

/** The plain mean of the m nodes with the lowest Krum scores; n ≥ 2f + 3 and n ≥ m. */
export class MultiKrum extends RobustStrategy<MultiKrumOptions> {
  override readonly name = 'MultiKrum';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<MultiKrumOptions> = {}) {
    super(completeOptions('MultiKrum', options, MULTI_KRUM, MULTI_KRUM_RULES));
  }

  protected override needs() {
    const { numMaliciousNodes, numNodesToSelect } = this.options;
    return {
      replies: Math.max(2 * numMaliciousNodes + 3, numNodesToSelect),
      why: `${withMalicious(numMaliciousNodes)}, ${numNodesToSelect} to select,`,
    };
  }

  protected override combineAll(_: RoundContext, replies: readonly AcceptedReply[]): Combined {
    const models = replies.map(({ model }) => model);
    const order = krumOrder(models, this.options.numMaliciousNodes);
    const selected = order.slice(0, this.options.numNodesToSelect).sort((a, b) => a - b);
    const sum = new WeightedSum((models[0] as Float32Array).length);
    for (const place of selected) sum.add(models[place] as Float32Array, 1);
    return { model: sum.mean() };
  }
}
