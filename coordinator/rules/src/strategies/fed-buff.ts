// FedBuff: Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba, "Federated Learning with Buffered
// Asynchronous Aggregation", AISTATS 2022, algorithm 1 and section 5 (staleness 1/√(1 + s)).

import type { ArrayRecord } from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { WeightedSum } from '../weighted-sum.ts';
import {
  assertFinite,
  BaseStrategy,
  type Combined,
  type Intake,
  modelOf,
} from './base-strategy.ts';
import { exactParts, sumOfParts } from './exact-parts.ts';
import { above, completeOptions, type OptionRules, wholeFrom } from './options.ts';
import { ReplyIntake } from './reply-intake.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import { ServerState } from './server-state.ts';
import type { Aggregate, ClientReply, RoundContext, StrategyInput } from './strategy.ts';

export interface FedBuffOptions extends SamplingOptions {
  /** K: updates that make the next model. */
  readonly bufferSize: number;
  /** η_g. */
  readonly serverLearningRate: number;
}

export const FED_BUFF: FedBuffOptions = Object.freeze({
  ...SAMPLING,
  bufferSize: 10,
  serverLearningRate: 1,
});

export const FED_BUFF_RULES: OptionRules<FedBuffOptions> = {
  ...SAMPLING_RULES,
  bufferSize: wholeFrom(1),
  serverLearningRate: above(0),
};

export interface Arrival {
  /** How many models were made since the one that the node started from. */
  readonly staleness: number;
  /** The arrays that the node started from. */
  readonly base: ArrayRecord;
  /** The server's arrays now. */
  readonly current: ArrayRecord;
}

/**
 * Updates count as they arrive: Δ_i / √(1 + s_i) goes into a buffer, and every K of them make
 * w ← w + η_g / K Σ Δ_i / √(1 + s_i). A runtime calls `receive`; `aggregateTrain` takes a round's
 * replies as arrivals in their order. State: the buffer, exactly.
 */
export class FedBuff extends BaseStrategy<FedBuffOptions> {
  override readonly name = 'FedBuff';
  override readonly input: StrategyInput = 'arrivals';
  readonly #state = new ServerState('FedBuff', [...PARTS, 'buffered']);
  #buffer: WeightedSum | undefined;
  #buffered = 0;
  #intake: ReplyIntake | undefined;

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<FedBuffOptions> = {}) {
    super(completeOptions('FedBuff', options, FED_BUFF, FED_BUFF_RULES));
  }

  /**
   * The next arrays when this update fills the buffer, else undefined. A malformed update does not
   * count; the next aggregate names it.
   * @throws {RulesError} `invalid-options` for a staleness that is no count and for a base of
   * another size, `diverged` when the next model is not finite; the buffer is empty then
   */
  receive(update: ClientReply, { staleness, base, current }: Arrival): Aggregate | undefined {
    const from = base['model'];
    const now = current['model'];
    if (from === undefined || now === undefined || from.length !== now.length) {
      const message = `FedBuff: the base has ${from?.length} elements, the model ${now?.length}`;
      throw new RulesError('invalid-options', message);
    }
    if (!Number.isSafeInteger(staleness) || staleness < 0) {
      throw new RulesError('invalid-options', `FedBuff: a staleness of ${staleness} is no count`);
    }
    const { weightedByKey, bufferSize } = this.options;
    this.#intake ??= new ReplyIntake({
      strategy: this.name,
      base: now,
      weightedByKey,
      mayRepeat: true,
    });
    const accepted = this.#intake.judge(update, from);
    if (accepted === undefined) return undefined;
    const buffer = this.#bufferOf(now.length);
    buffer.addDifference(accepted.model, from, 1 / Math.sqrt(1 + staleness));
    this.#buffered += 1;
    if (this.#buffered < bufferSize) return undefined;
    const { refused } = this.#intake;
    const metrics = this.#intake.metrics();
    this.#empty();
    const model = this.#step(buffer, now);
    assertFinite(this.name, model);
    return { arrays: { ...current, model }, metrics, refused };
  }

  override state(): ArrayRecord {
    if (this.#buffer === undefined) return this.#state.copy();
    const parts = exactParts(this.#buffer.sum);
    const named = Object.fromEntries(PARTS.map((name, i) => [name, parts[i] as Float32Array]));
    return { ...named, buffered: Float32Array.of(this.#buffered) };
  }

  override restore(state: ArrayRecord): void {
    this.#state.restore(state);
    this.#empty();
    this.#buffered = state['buffered']?.[0] ?? 0;
  }

  protected override async combine(context: RoundContext, intake: Intake): Promise<Combined> {
    const base = modelOf(context);
    let buffer = new WeightedSum(base.length);
    buffer.sum.set(this.#bufferOf(base.length).sum);
    let buffered = this.#buffered;
    let model = base;
    let staleness = 0;
    for await (const reply of intake.replies) {
      buffer.addDifference(reply.model, base, 1 / Math.sqrt(1 + staleness));
      buffered += 1;
      if (buffered < this.options.bufferSize) continue;
      model = this.#step(buffer, model);
      buffer = new WeightedSum(base.length);
      buffered = 0;
      staleness += 1;
    }
    intake.demandAtLeast(1);
    const commit = () => {
      this.#buffer = buffer;
      this.#buffered = buffered;
    };
    return { model, commit };
  }

  #bufferOf(elements: number): WeightedSum {
    if (this.#buffer === undefined) {
      this.#buffer = new WeightedSum(elements);
      const parts = PARTS.map((name) => this.#state.read(name, elements));
      this.#buffer.sum.set(sumOfParts(parts));
      this.#state.write({});
    }
    return this.#buffer;
  }

  #step(buffer: WeightedSum, model: Float32Array): Float32Array {
    const { serverLearningRate, bufferSize } = this.options;
    return buffer.scaledOnto(model, serverLearningRate / bufferSize);
  }

  #empty(): void {
    this.#buffer = undefined;
    this.#buffered = 0;
    this.#intake = undefined;
  }
}

/** A float64 sum as float32 arrays: the value, what it left over, and what that left over. */
const PARTS = ['buffer', 'buffer-rest', 'buffer-last'] as const;
