// One run of a server app as a machine of steps. It says whom to ask what; its driver, a simulation or
// a federation, carries the messages and hands back the replies, ordered by node, or updates as they
// arrive.

import assert from 'node:assert/strict';
import {
  AppError,
  type AppMessageKind,
  type ArrayRecord,
  type ConfigRecord,
  type MetricRecord,
  type RecordDict,
  recordDict,
  recordFault,
} from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import type { FedBuff } from '../strategies/fed-buff.ts';
import type {
  Aggregate,
  Assignment,
  ClientInfo,
  ClientReplies,
  ClientReply,
  RefusedReply,
  RoundContext,
  Strategy,
} from '../strategies/strategy.ts';
import type { ServerCheckpoint, ServerContext, ServerParts } from './server-app.ts';

/** What a round came to. */
export interface RoundResult {
  /** 0 is the model that the run starts from. */
  readonly round: number;
  /** The strategy's, over the nodes that trained. */
  readonly train: MetricRecord;
  /** The strategy's, over the nodes that evaluated. */
  readonly evaluate: MetricRecord;
  /** The server's own evaluation. */
  readonly server: MetricRecord;
  /** Whose trained weights the strategy did not count, and why. */
  readonly refused: readonly RefusedReply[];
  /** Why the model is still the one before: too few replies counted. */
  readonly failure?: string;
}

export type ServerStep =
  /** Answer with the replies of those nodes that answered, sorted by node. */
  | {
      readonly kind: AppMessageKind;
      readonly round: number;
      readonly assignments: readonly Assignment[];
    }
  /** Under a strategy of arrivals: what nodes that begin now are sent. Answer with the next update. */
  | { readonly kind: 'arrival'; readonly round: number; readonly content: RecordDict }
  /** A round is over: keep the checkpoint, then go on without replies. */
  | { readonly kind: 'round'; readonly result: RoundResult; readonly checkpoint: ServerCheckpoint };

/** An update that arrived, and what its node started from. */
export interface ArrivedUpdate {
  readonly reply: ClientReply;
  /** Of the step whose content the node was sent. */
  readonly round: number;
  readonly base: ArrayRecord;
}

export type StepAnswer = ClientReplies | ArrivedUpdate | undefined;

/** What the driver knows about the nodes. */
export interface ServerNodes {
  /** Those that could be asked in a round. */
  readonly clients: (round: number) => readonly ClientInfo[];
  /** What their client app answers. */
  readonly kinds: readonly AppMessageKind[];
}

type Steps<Result> = AsyncGenerator<ServerStep, Result, StepAnswer>;
type Trained = Aggregate & { readonly failure?: string };

interface RunStart {
  readonly strategy: Strategy;
  readonly rounds: number;
  readonly checkpoint: ServerCheckpoint;
}

/** Rounds in a row without a new model that a run bears. */
export const FAILED_ROUNDS_MAX = 10;

/** Updates that a strategy of arrivals may take, or refuse, before the next model. */
export const ARRIVALS_PER_MODEL_MAX = 10_000;

const NO_METRICS: MetricRecord = Object.freeze({});

/** Invariant: `checkpoint` is a whole round; a step that throws leaves it as it was. */
export class ServerRun {
  readonly strategy: Strategy;
  readonly rounds: number;
  readonly #parts: ServerParts;
  readonly #context: ServerContext;
  #checkpoint: ServerCheckpoint;
  #failuresInRow = 0;
  /** What the query came to. */
  #settings: ConfigRecord = {};

  constructor(parts: ServerParts, context: ServerContext, start: RunStart) {
    this.#parts = parts;
    this.#context = context;
    this.strategy = start.strategy;
    this.rounds = start.rounds;
    this.#checkpoint = start.checkpoint;
  }

  /** After the last whole round. */
  get checkpoint(): ServerCheckpoint {
    return this.#checkpoint;
  }

  /** All remaining rounds, each a train step, an evaluate step where nodes can, and its result. */
  async *steps(nodes: ServerNodes): Steps<ServerCheckpoint> {
    yield* this.#query(nodes);
    if (this.#checkpoint.round === 0 && this.#parts.evaluate !== undefined) {
      const server = await this.#evaluateAtServer(0, this.#checkpoint.arrays);
      yield this.#ended({ round: 0, train: {}, evaluate: {}, server, refused: [] });
    }
    while (this.#checkpoint.round < this.rounds) {
      const round = this.#checkpoint.round + 1;
      const context = this.#roundContext(round, this.#checkpoint.arrays, nodes);
      const trained = yield* this.#train(context);
      const { arrays } = trained;
      const evaluate = yield* this.#evaluateAtNodes({ ...context, arrays }, nodes);
      const server = await this.#evaluateAtServer(round, arrays);
      const { failure, metrics: train, refused = [] } = trained;
      this.#checkpoint = { round, arrays, state: this.strategy.state() };
      const why = failure === undefined ? {} : { failure };
      yield this.#ended({ round, train, evaluate, server, refused, ...why });
    }
    return this.#checkpoint;
  }

  async *#query({ clients, kinds }: ServerNodes): Steps<void> {
    const { query } = this.#parts;
    if (query === undefined) return;
    if (!kinds.includes('query')) {
      const message = `the server asks a query; give clientApp a handler 'query'`;
      throw new AppError('no-handler', message);
    }
    const { round } = this.#checkpoint;
    const { content = recordDict() } = query;
    const assignments = inOrder(clients(round).map(({ node }) => ({ node, content })));
    const replies = repliesOf(yield { kind: 'query', round, assignments });
    const settings = await query.aggregate(replies, this.#context);
    const fault = recordFault(recordDict({ config: settings }));
    if (fault !== undefined) throw new AppError('invalid-reply', `the server's query: ${fault}`);
    this.#settings = settings;
  }

  /** A round in which too few replies count leaves the model as it was; several in a row end the run. */
  async *#train(context: RoundContext): Steps<Trained> {
    const { arrays, round } = context;
    const assignments = inOrder(this.strategy.configureTrain(context));
    if (assignments.length === 0) return { arrays, metrics: NO_METRICS };
    if (collectsArrivals(this.strategy)) {
      const content = assignments[0]?.content ?? recordDict();
      return yield* collect(this.strategy, { arrays, content, round });
    }
    const replies = repliesOf(yield { kind: 'train', round, assignments });
    try {
      const aggregate = await this.strategy.aggregateTrain(context, replies);
      this.#failuresInRow = 0;
      return aggregate;
    } catch (error) {
      const isTooFew = error instanceof RulesError && error.code === 'too-few-replies';
      this.#failuresInRow += 1;
      if (!isTooFew || this.#failuresInRow > FAILED_ROUNDS_MAX) throw error;
      return { arrays, metrics: NO_METRICS, failure: error.message };
    }
  }

  async *#evaluateAtNodes(context: RoundContext, { kinds }: ServerNodes): Steps<MetricRecord> {
    if (!kinds.includes('evaluate')) return NO_METRICS;
    const assignments = inOrder(this.strategy.configureEvaluate(context));
    if (assignments.length === 0) return NO_METRICS;
    const replies = repliesOf(yield { kind: 'evaluate', round: context.round, assignments });
    return this.strategy.aggregateEvaluate(context, replies);
  }

  async #evaluateAtServer(round: number, arrays: ArrayRecord): Promise<MetricRecord> {
    const metrics = (await this.#parts.evaluate?.(round, arrays, this.#context)) ?? NO_METRICS;
    const fault = recordFault(recordDict({ metrics }));
    if (fault === undefined) return metrics;
    throw new AppError('invalid-reply', `the server's evaluate in round ${round}: ${fault}`);
  }

  #roundContext(round: number, arrays: ArrayRecord, { clients }: ServerNodes): RoundContext {
    const config = { ...this.#settings, ...this.#parts.config?.(round, this.#context) };
    return { round, arrays, clients: clients(round), config, seed: this.#context.seed };
  }

  #ended(result: RoundResult): ServerStep {
    return { kind: 'round', result, checkpoint: this.#checkpoint };
  }
}

type ArrivalStrategy = Strategy & Pick<FedBuff, 'receive'>;

function collectsArrivals(strategy: Strategy): strategy is ArrivalStrategy {
  return strategy.input === 'arrivals' && 'receive' in strategy;
}

/** Hands updates on, one by one, until they make the next model. */
async function* collect(
  strategy: ArrivalStrategy,
  { arrays, content, round }: { arrays: ArrayRecord; content: RecordDict; round: number },
): Steps<Trained> {
  for (let arrivals = 0; arrivals < ARRIVALS_PER_MODEL_MAX; arrivals++) {
    const arrived = yield { kind: 'arrival', round, content };
    assert(arrived !== undefined && 'reply' in arrived, 'an arrival is answered with an update');
    const { base, reply } = arrived;
    const staleness = round - arrived.round;
    const aggregate = strategy.receive(reply, { staleness, base, current: arrays });
    if (aggregate !== undefined) return aggregate;
  }
  const message = `round ${round}: ${ARRIVALS_PER_MODEL_MAX} updates made no new model`;
  throw new AppError('no-answers', message);
}

function repliesOf(answer: StepAnswer): ClientReplies {
  assert(answer === undefined || !('reply' in answer), 'a round is answered with its replies');
  return answer ?? [];
}

function inOrder(assignments: readonly Assignment[]): readonly Assignment[] {
  return [...assignments].sort((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
}
