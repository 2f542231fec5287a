// What strategies share: the draw of nodes, the messages to them, the judging of replies and the
// means of metrics. A strategy adds how the accepted replies make the next model.

import {
  type ArrayRecord,
  type ConfigRecord,
  type MetricRecord,
  type RecordDict,
  recordDict,
  type Scalar,
} from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { summaryOf } from './options.ts';
import { type AcceptedReply, ReplyIntake } from './reply-intake.ts';
import { type SamplingOptions, selectNodes } from './select-nodes.ts';
import type {
  Aggregate,
  Assignment,
  ClientReplies,
  RoundContext,
  Strategy,
  StrategyInput,
} from './strategy.ts';

export interface Intake {
  /** The replies that count, in the order given; readable once. */
  readonly replies: AsyncIterable<AcceptedReply>;
  /** @throws {RulesError} `too-few-replies`, with the numbers and who was refused */
  demandAtLeast(needed: number, why?: string): void;
}

export abstract class BaseStrategy<Options extends SamplingOptions> implements Strategy {
  abstract readonly name: string;
  readonly input: StrategyInput = 'sum';
  readonly options: Readonly<Options>;

  constructor(options: Readonly<Options>) {
    this.options = options;
  }

  configureTrain(context: RoundContext): readonly Assignment[] {
    const { learningRate } = this.options;
    const rate: ConfigRecord = learningRate > 0 ? { 'learning-rate': learningRate } : {};
    const content = recordDict({
      arrays: { ...context.arrays, ...this.trainArrays(context) },
      config: { ...context.config, ...rate, ...this.trainConfig(), 'server-round': context.round },
    });
    return selectNodes(context, this.options, 'train').map((node) => ({ node, content }));
  }

  async aggregateTrain(context: RoundContext, replies: ClientReplies): Promise<Aggregate> {
    const base = modelOf(context);
    const intake = new ReplyIntake({
      strategy: this.name,
      elements: base.length,
      weightedByKey: this.options.weightedByKey,
      demand: (content) => this.demand(content, base.length),
    });
    const model = await this.combine(context, {
      replies: intake.accept(replies),
      demandAtLeast: (needed, why) => intake.demandAtLeast(needed, why),
    });
    return {
      arrays: { ...context.arrays, model },
      metrics: intake.metrics(),
      refused: intake.refused,
    };
  }

  configureEvaluate(context: RoundContext): readonly Assignment[] {
    const content = recordDict({
      arrays: context.arrays,
      config: { ...context.config, 'server-round': context.round },
    });
    return selectNodes(context, this.options, 'evaluate').map((node) => ({ node, content }));
  }

  async aggregateEvaluate(_: RoundContext, replies: ClientReplies): Promise<MetricRecord> {
    const { weightedByKey } = this.options;
    const intake = new ReplyIntake({ strategy: this.name, elements: undefined, weightedByKey });
    for await (const reply of replies) intake.judge(reply);
    return intake.metrics();
  }

  summary(): Readonly<Record<string, Scalar>> {
    return summaryOf(this.name, this.options);
  }

  state(): ArrayRecord {
    return {};
  }

  restore(state: ArrayRecord): void {
    const names = Object.keys(state);
    if (names.length === 0) return;
    throw new RulesError('invalid-options', `${this.name} keeps no state, not ${names.join(', ')}`);
  }

  /** The next model, `[elements]`; state changes only once nothing can throw any more. */
  protected abstract combine(context: RoundContext, intake: Intake): Promise<Float32Array>;

  /** Arrays sent to the nodes besides the round's. */
  protected trainArrays(_context: RoundContext): ArrayRecord {
    return {};
  }

  /** Settings sent to the nodes besides the round's. */
  protected trainConfig(): ConfigRecord {
    return {};
  }

  /** Why a reply cannot count, beyond what every strategy demands. */
  protected demand(_content: RecordDict, _elements: number): string | undefined {
    return undefined;
  }
}

/** @throws {RulesError} `invalid-options` when the round has no model */
export function modelOf(context: RoundContext): Float32Array {
  const model = context.arrays['model'];
  if (model !== undefined) return model;
  throw new RulesError('invalid-options', `round ${context.round}: arrays has no model`);
}
