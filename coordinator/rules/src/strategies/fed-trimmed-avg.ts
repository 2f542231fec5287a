// FedTrimmedAvg: Yin, Chen, Ramchandran, Bartlett, "Byzantine-Robust Distributed Learning: Towards
// Optimal Statistical Rates", ICML 2018, definition 2.

import type { Combined } from './base-strategy.ts';
import { overColumns, selectPlace } from './columns.ts';
import { belowHalf, completeOptions, type OptionRules } from './options.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy } from './robust-strategy.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext } from './strategy.ts';

export interface FedTrimmedAvgOptions extends SamplingOptions {
  /** Share cut off at either end; 0 is the plain mean. */
  readonly beta: number;
}

export const FED_TRIMMED_AVG: FedTrimmedAvgOptions = Object.freeze({ ...SAMPLING, beta: 0.2 });

export const FED_TRIMMED_AVG_RULES: OptionRules<FedTrimmedAvgOptions> = {
  ...SAMPLING_RULES,
  beta: belowHalf,
};

/**
 * The mean of every coordinate without its ⌊βn⌋ smallest and ⌊βn⌋ largest values; up to ⌊βn⌋ nodes
 * may lie.
 */
export class FedTrimmedAvg extends RobustStrategy<FedTrimmedAvgOptions> {
  override readonly name = 'FedTrimmedAvg';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedTrimmedAvgOptions> = {}) {
    super(completeOptions('FedTrimmedAvg', options, FED_TRIMMED_AVG, FED_TRIMMED_AVG_RULES));
  }

  protected override needs() {
    return { replies: 1, why: '' };
  }

  protected override combineAll(_: RoundContext, replies: readonly AcceptedReply[]): Combined {
    const models = replies.map(({ model }) => model);
    const count = models.length;
    // 0.29 · 100 is 28.999… in floating point; a millionth of a node is no node.
    const cut = Math.floor(this.options.beta * count + 1e-6);
    const model = overColumns(models, (values, from) => {
      const last = from + count - 1;
      if (cut > 0) {
        selectPlace(values, from, last, from + cut);
        selectPlace(values, from + cut, last, last - cut);
      }
      let sum = 0;
      for (let i = from + cut; i <= last - cut; i++) sum += values[i] as number;
      return sum / (count - 2 * cut);
    });
    return { model };
  }
}
