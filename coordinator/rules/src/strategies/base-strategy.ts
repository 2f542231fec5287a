// What strategies share: the draw of nodes, the messages to them, the judging of replies and the
// means of metrics. A strategy adds how the accepted replies make the next model.

import {
  type ArrayRecord,
  type ConfigRecord,
  firstNonFinite,
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

export interface Combined {
  /** The next model, `[elements]`. */
  readonly model: Float32Array;
  /** Takes over the new state, once the model proved finite. */
  readonly commit?: () => void;
}

/** Invariant: a round that throws leaves the state as it was. */
export abstract class BaseStrategy<Options extends SamplingOptions> implements Strategy {
  abstract readonly name: string;
  readonly input: StrategyInput = 'sum';
  readonly options: Readonly<Options>;

  constructor(options: Readonly<Options>) {
    this.options = options;
  }

  configureTrain(context: RoundContext): readonly Assignment[] {
    const content = recordDict({
      arrays: { ...context.arrays, ...this.trainArrays(context) },
      config: { ...context.config, ...this.trainConfig(context), 'server-round': context.round },
    });
    return selectNodes(context, this.options, 'train').map((node) => ({ node, content }));
  }

  async aggregateTrain(context: RoundContext, replies: ClientReplies): Promise<Aggregate> {
    const base = modelOf(context);
    const intake = new ReplyIntake({
      strategy: this.name,
      base,
      weightedByKey: this.options.weightedByKey,
      demand: (content) => this.demand(content, base.length),
    });
    const { model, commit } = await this.combine(context, {
      replies: intake.accept(replies),
      demandAtLeast: (needed, why) => intake.demandAtLeast(needed, why),
    });
    assertFinite(this.name, model);
    commit?.();
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
    const intake = new ReplyIntake({ strategy: this.name, base: undefined, weightedByKey });
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

  /** What the replies make of the model; changes no state but in `commit`. */
  protected abstract combine(context: RoundContext, intake: Intake): Promise<Combined>;

  /** Arrays sent to the nodes besides the round's. */
  protected trainArrays(_context: RoundContext): ArrayRecord {
    return {};
  }

  /** Settings sent to the nodes besides the round's. */
  protected trainConfig(_context: RoundContext): ConfigRecord {
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

/** @throws {RulesError} `diverged` when an element is NaN or infinite */
export function assertFinite(strategy: string, model: Float32Array): void {
  const at = firstNonFinite(model);
  if (at < 0) return;
  const message = `${strategy}: element ${at} of the next model is ${model[at]}`;
  throw new RulesError('diverged', message);
}
