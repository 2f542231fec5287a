// The nodes of one simulated run as its server sees them: asked in rounds, or at work all the time.

import type { ClientInfo, RoundResult, ServerStep, StepAnswer } from '@starling/rules';
import { type ArrivalCounts, Arrivals, DEFAULT_CONCURRENCY } from './arrivals.ts';
import { type ExchangeWorld, RoundExchange } from './round-exchange.ts';
import { type RoundRecord, recordOf } from './simulation-record.ts';

export interface RunNodesOptions {
  /** Nodes at work at once under a strategy of arrivals. */
  readonly concurrency?: number;
  readonly onProgress?: (
    step: { kind: string; round: number },
    done: number,
    asked: number,
  ) => void;
}

type Question = Exclude<ServerStep, { readonly kind: 'round' }>;

const NOBODY: ArrivalCounts = { asked: 0, answered: 0, failed: 0, failures: [], staleness: 0 };

/** Invariant: virtual time never goes back. */
export class RunNodes {
  readonly #world: Omit<ExchangeWorld, 'onAnswer'>;
  readonly #clients: readonly ClientInfo[];
  readonly #options: RunNodesOptions;
  #exchanges: RoundExchange[] = [];
  #arrivals: Arrivals | undefined;
  #virtualMs = 0;

  constructor(
    world: Omit<ExchangeWorld, 'onAnswer'>,
    clients: readonly ClientInfo[],
    options: RunNodesOptions,
  ) {
    this.#world = world;
    this.#clients = clients;
    this.#options = options;
  }

  async ask(step: Question): Promise<StepAnswer> {
    const { kind, round } = step;
    const { concurrency = DEFAULT_CONCURRENCY, onProgress } = this.#options;
    const onAnswer = (done: number, asked: number) => onProgress?.({ kind, round }, done, asked);
    const world = { ...this.#world, onAnswer };
    if (step.kind === 'arrival') {
      this.#arrivals ??= new Arrivals(world, this.#clients, concurrency);
      return this.#arrivals.next(step);
    }
    const exchange = new RoundExchange(world, { kind: step.kind, round }, step.assignments);
    this.#exchanges.push(exchange);
    return exchange.replies();
  }

  /** What became of a round; the next one begins. */
  recordOf(result: RoundResult): RoundRecord {
    const exchanges = this.#exchanges;
    this.#exchanges = [];
    if (this.#arrivals !== undefined) {
      const { staleness, ...counts } = this.#arrivals.takeCounts();
      const train = { ...result.train, staleness };
      return recordOf({ ...result, train }, counts, this.#arrivals.nowMs);
    }
    for (const { virtualMs } of exchanges) this.#virtualMs += virtualMs;
    const failures = exchanges.flatMap((exchange) => exchange.failures);
    const trained = exchanges.find(({ kind }) => kind === 'train');
    const { answered, asked, failed } = trained ?? NOBODY;
    return recordOf(result, { asked, answered, failed, failures }, this.#virtualMs);
  }

  async stop(): Promise<void> {
    await this.#arrivals?.stop();
  }
}
