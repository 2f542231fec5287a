// What the robust rules share: they see every node's weights at once, count nodes alike (an example
// count is a claim), and say how many replies their guarantee needs.

import { BaseStrategy, type Combined, type Intake } from './base-strategy.ts';
import type { AcceptedReply } from './reply-intake.ts';
import type { SamplingOptions } from './select-nodes.ts';
import type { RoundContext, StrategyInput } from './strategy.ts';

export abstract class RobustStrategy<
  Options extends SamplingOptions,
> extends BaseStrategy<Options> {
  override readonly input: StrategyInput = 'updates';

  /** The fewest replies, and why: ` with 2 malicious nodes`. */
  protected abstract needs(): { readonly replies: number; readonly why: string };

  /** The next model from at least as many replies as `needs` says; models may not be changed. */
  protected abstract combineAll(context: RoundContext, replies: readonly AcceptedReply[]): Combined;

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const replies: AcceptedReply[] = [];
    for await (const reply of intake.replies) replies.push(reply);
    const { replies: needed, why } = this.needs();
    intake.demandAtLeast(needed, why);
    return this.combineAll(context, replies);
  }
}

/** The reason in the words of an error. */
export function withMalicious(count: number): string {
  return count === 1 ? ' with 1 malicious node' : ` with ${count} malicious nodes`;
}
