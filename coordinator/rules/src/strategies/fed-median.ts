// FedMedian: Yin, Chen, Ramchandran, Bartlett, "Byzantine-Robust Distributed Learning: Towards Optimal
// Statistical Rates", ICML 2018, definition 1.

import type { Combined } from './base-strategy.ts';
import { medianOf, overColumns } from './columns.ts';
import { completeOptions } from './options.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy } from './robust-strategy.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext } from './strategy.ts';

/** The median of the trained weights, coordinate by coordinate; fewer than half may lie. */
export class FedMedian extends RobustStrategy<SamplingOptions> {
  override readonly name = 'FedMedian';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<SamplingOptions> = {}) {
    super(completeOptions('FedMedian', options, SAMPLING, SAMPLING_RULES));
  }

  protected override needs() {
    return { replies: 1, why: '' };
  }

  protected override combineAll(_: RoundContext, replies: readonly AcceptedReply[]): Combined {
    const models = replies.map(({ model }) => model);
    const model = overColumns(models, (values, from) => medianOf(values, from, models.length));
    return { model };
  }
}
