// What a federated strategy is (Flower's five methods): whom to ask and with what, and what the
// replies make of the model. Pure: the caller carries messages, sorts replies by node, keeps time.

import type { ArrayRecord, ConfigRecord, MetricRecord, RecordDict, Scalar } from '@starling/shared';

export interface ClientInfo {
  readonly node: string;
  /** Local training examples as the node registered them. */
  readonly examples: number | undefined;
}

export interface RoundContext {
  /** From 1 on. */
  readonly round: number;
  /** What the round starts from; the weights, `[elements]`, stand under `model`. */
  readonly arrays: ArrayRecord;
  /** Every node that could be asked now. */
  readonly clients: readonly ClientInfo[];
  /** Sent to every asked node, with what the strategy adds. */
  readonly config: ConfigRecord;
  readonly seed: number;
}

export interface Assignment {
  readonly node: string;
  readonly content: RecordDict;
}

/** Train replies carry the trained weights as `arrays.model` and the metric `num-examples`. */
export interface ClientReply {
  readonly node: string;
  readonly content: RecordDict;
  /** How many nodes it stands for, when it is the mean of a group; the server says so, no node. */
  readonly nodes?: number;
}

export type ClientReplies = AsyncIterable<ClientReply> | Iterable<ClientReply>;

export interface RefusedReply {
  readonly node: string;
  readonly reason: string;
}

export interface Aggregate {
  readonly arrays: ArrayRecord;
  /** Means over the replies that counted, the sum of `num-examples`, the count `refusedReplies`. */
  readonly metrics: MetricRecord;
  /** Whose contribution did not count, and why. */
  readonly refused?: readonly RefusedReply[];
}

/**
 * What a strategy must see: `sum`, only weighted sums, so that it runs under secure aggregation;
 * `updates`, every node's own; `arrivals`, updates one by one as they come.
 */
export type StrategyInput = 'sum' | 'updates' | 'arrivals';

export interface Strategy {
  /** As its paper names it, such as `FedAvg`. */
  readonly name: string;
  readonly input: StrategyInput;
  /** Whom to ask to train, in ascending order of nodes; a seeded draw without replacement. */
  configureTrain(context: RoundContext): readonly Assignment[];
  /** The next arrays. Strategies with `input: 'sum'` hold one update at a time. */
  aggregateTrain(context: RoundContext, replies: ClientReplies): Promise<Aggregate>;
  configureEvaluate(context: RoundContext): readonly Assignment[];
  aggregateEvaluate(context: RoundContext, replies: ClientReplies): Promise<MetricRecord>;
  /** Its name and options, for a report. */
  summary(): Readonly<Record<string, Scalar>>;
  /** Moments, control variates: what a resumed run needs besides the model. */
  state(): ArrayRecord;
  restore(state: ArrayRecord): void;
}
