// The server side of an app: which strategy, how many rounds, from what, judged how. Flower's
// ServerApp as data and pure functions: it sends nothing and waits for nobody (server-run.ts).

import {
  AppError,
  type ArrayRecord,
  type ConfigRecord,
  type MetricRecord,
  type RecordDict,
  recordDict,
  recordFault,
} from '@starling/shared';
import type { ClientReplies, Strategy } from '../strategies/strategy.ts';
import { ServerRun } from './server-run.ts';

export interface ServerContext {
  readonly runConfig: ConfigRecord;
  /** Of the run: a whole number below 2^32. */
  readonly seed: number;
}

type Of<T> = T | ((context: ServerContext) => T);

export interface ServerParts {
  /** As a function, one that follows the run config and starts afresh in every run. */
  readonly strategy: Of<Strategy>;
  /** The run config's `num-server-rounds` when left out, or else 3. */
  readonly rounds?: Of<number>;
  /** What round 1 starts from; the weights stand under `model`. */
  readonly initial: (context: ServerContext) => ArrayRecord | Promise<ArrayRecord>;
  /** Sent to the nodes with every message of a round. */
  readonly config?: (round: number, context: ServerContext) => ConfigRecord;
  /**
   * Asks all nodes once before the first round, and again when a run resumes, such as for the ranges of
   * their features; what it makes of the answers is sent with every round's config.
   */
  readonly query?: {
    readonly content?: RecordDict;
    readonly aggregate: (
      replies: ClientReplies,
      context: ServerContext,
    ) => ConfigRecord | Promise<ConfigRecord>;
  };
  /** Judges the model at the server: round 0 is what it starts from. */
  readonly evaluate?: (
    round: number,
    arrays: ArrayRecord,
    context: ServerContext,
  ) => MetricRecord | Promise<MetricRecord>;
}

/** What a resumed run needs: the model after a round and the strategy's memory. */
export interface ServerCheckpoint {
  readonly round: number;
  readonly arrays: ArrayRecord;
  readonly state: ArrayRecord;
}

export interface ServerApp {
  /**
   * A run from the beginning, or from a checkpoint on.
   *
   * @throws AppError `invalid-options`, `invalid-config`
   */
  start(context: ServerContext, from?: ServerCheckpoint): Promise<ServerRun>;
}

const DEFAULT_ROUNDS = 3;
export const SERVER_ROUNDS_MAX = 1_000_000;

/** @throws AppError `invalid-options` when a part is missing */
export function serverApp(parts: ServerParts): ServerApp {
  const { strategy, initial, evaluate } = parts;
  if (strategy === undefined || strategy === null) refuse('strategy is missing');
  if (typeof initial !== 'function') refuse(`initial is ${typeof initial}, not a function`);
  if (evaluate !== undefined && typeof evaluate !== 'function') {
    refuse(`evaluate is ${typeof evaluate}, not a function`);
  }
  return {
    start: async (context, from) => {
      const chosen = typeof strategy === 'function' ? strategy(context) : strategy;
      const rounds = roundsOf(parts, context);
      if (from !== undefined) chosen.restore(from.state);
      const arrays = from?.arrays ?? (await initial(context));
      const fault = recordFault(recordDict({ arrays }));
      if (fault !== undefined) refuse(`what initial returned: ${fault}`);
      if (Object.keys(arrays).length === 0) refuse('initial returned no arrays');
      return new ServerRun(parts, context, {
        strategy: chosen,
        rounds,
        checkpoint: { round: from?.round ?? 0, arrays, state: chosen.state() },
      });
    },
  };
}

function roundsOf({ rounds }: ServerParts, context: ServerContext): number {
  const chosen =
    typeof rounds === 'function'
      ? rounds(context)
      : (rounds ?? context.runConfig['num-server-rounds'] ?? DEFAULT_ROUNDS);
  if (typeof chosen === 'number' && Number.isInteger(chosen)) {
    if (chosen >= 1 && chosen <= SERVER_ROUNDS_MAX) return chosen;
  }
  return refuse(`rounds is ${String(chosen)}: a whole number 1 … ${SERVER_ROUNDS_MAX}`);
}

function refuse(message: string): never {
  throw new AppError('invalid-options', message);
}
