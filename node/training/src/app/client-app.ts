// The client side of an app: what a node does with its own data when a round asks it, in the words of
// Flower's ClientApp.

import {
  AppError,
  type AppMessage,
  type AppMessageKind,
  type ConfigRecord,
  type RecordDict,
  recordFault,
} from '@starling/shared';

export interface ClientContext {
  readonly node: string;
  readonly runConfig: ConfigRecord;
  /** What sets this node apart, such as `partition-id`. */
  readonly nodeConfig: ConfigRecord;
  /** Kept between this node's rounds, at the node. */
  state: RecordDict;
  readonly signal: AbortSignal;
  /** Of run, node and round: a whole number below 2^32. */
  readonly seed: number;
}

export type ClientHandler = (message: AppMessage, context: ClientContext) => Promise<RecordDict>;

/** Stands around a handler: it may change the message, the context and the answer. */
export type Mod = (
  message: AppMessage,
  context: ClientContext,
  next: ClientHandler,
) => Promise<RecordDict>;

export interface ClientParts {
  /**
   * Answers the trained weights as `arrays.model` and the samples they were trained on as
   * `metrics['num-examples']`.
   */
  readonly train: ClientHandler;
  /** Answers metrics, `num-examples` among them. */
  readonly evaluate?: ClientHandler;
  readonly query?: ClientHandler;
  /** The first stands outermost. */
  readonly mods?: readonly Mod[];
}

export interface ClientApp {
  readonly kinds: readonly AppMessageKind[];
  /**
   * The answer of the handler for this kind of message, through all mods.
   *
   * @throws AppError `no-handler`, `invalid-reply`; and whatever the handler or a mod throws
   */
  handle(message: AppMessage, context: ClientContext): Promise<RecordDict>;
}

/** @throws AppError `invalid-options` when a part is no function */
export function clientApp(parts: ClientParts): ClientApp {
  const { mods = [], ...handlers } = parts;
  checkParts(handlers, mods);
  const kinds = (['train', 'evaluate', 'query'] as const).filter((kind) => handlers[kind]);
  return {
    kinds,
    async handle(message, context) {
      const handler = handlers[message.kind];
      if (handler === undefined) {
        throw new AppError(
          'no-handler',
          `the client app answers ${kinds.join(', ')}; give clientApp a handler '${message.kind}'`,
        );
      }
      const answer = await through(mods, handler)(message, context);
      const fault = recordFault(answer);
      if (fault === undefined) return answer;
      throw new AppError('invalid-reply', `the answer to ${message.kind}: ${fault}`);
    },
  };
}

function through(mods: readonly Mod[], handler: ClientHandler): ClientHandler {
  return mods.reduceRight<ClientHandler>(
    (next, mod) => (message, context) => mod(message, context, next),
    handler,
  );
}

function checkParts(
  handlers: Readonly<Partial<Record<AppMessageKind, unknown>>>,
  mods: readonly unknown[],
): void {
  const names = ['train', ...Object.keys(handlers)] as readonly AppMessageKind[];
  const bad = names.find((kind) => typeof handlers[kind] !== 'function');
  if (bad !== undefined) {
    throw new AppError('invalid-options', `${bad} is ${typeof handlers[bad]}, not a function`);
  }
  const at = mods.findIndex((mod) => typeof mod !== 'function');
  if (at !== -1) {
    throw new AppError('invalid-options', `mods[${at}] is ${typeof mods[at]}, not a function`);
  }
}
