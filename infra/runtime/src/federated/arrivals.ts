// Nodes that train without rounds, in virtual time (Nguyen et al. 2022): so many are at work at once,
// and whenever one is done the next begins, from the model of that moment.

import { drawBelow, Mt19937 } from '@starling/consensus';
import type { ArrivedUpdate, ClientInfo, ServerStep } from '@starling/rules';
import { AppError, type ArrayRecord, clientSeed } from '@starling/shared';
import type { ClientOutcome } from './clients/client-task.ts';
import {
  type ExchangeWorld,
  FAILURES_LISTED_MAX,
  type Failure,
  NETWORK_REASONS,
  taskOf,
} from './round-exchange.ts';
import { fateOf } from './virtual-network.ts';

export const DEFAULT_CONCURRENCY = 100;
/** Answers that get lost in a row, per node at work, before the run is given up. */
const LOST_IN_ROW_MAX = 100;
/** Keeps the draw of nodes apart from other draws of the seed. */
const STREAM = 0x61727276;

/** One node at work. */
interface Work {
  readonly node: string;
  /** When its answer arrives, or would have. */
  readonly atMs: number;
  readonly isLost: boolean;
  readonly round: number;
  readonly base: ArrayRecord;
  readonly begin: () => Promise<ClientOutcome>;
  outcome?: Promise<ClientOutcome>;
}

/** What became of the nodes since the last model. */
export interface ArrivalCounts {
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  readonly failures: readonly Failure[];
  /** Mean over the answers. */
  readonly staleness: number;
}

type ArrivalStep = Extract<ServerStep, { readonly kind: 'arrival' }>;

/** Invariant: `#working` is sorted by arrival; the first ones are being computed. */
export class Arrivals {
  nowMs = 0;
  readonly #world: ExchangeWorld;
  readonly #clients: readonly ClientInfo[];
  readonly #concurrency: number;
  readonly #random: Mt19937;
  readonly #busy = new Set<string>();
  readonly #working: Work[] = [];
  #begun = 0;
  #lostInRow = 0;
  #failedInRow = 0;
  #counts = { asked: 0, answered: 0, failed: 0, staleness: 0 };
  #failures: Failure[] = [];

  constructor(world: ExchangeWorld, clients: readonly ClientInfo[], concurrency: number) {
    this.#world = world;
    this.#clients = clients;
    this.#concurrency = Math.min(concurrency, clients.length);
    this.#random = new Mt19937([world.seed, STREAM]);
  }

  /**
   * The next update that arrives; nodes that are free begin with the step's content.
   *
   * @throws AppError `aborted`; `no-answers` when only failures arrive
   */
  async next(step: ArrivalStep): Promise<ArrivedUpdate> {
    for (;;) {
      while (this.#working.length < this.#concurrency) this.#begin(step);
      for (const work of this.#working.slice(0, this.#world.runner.concurrency)) {
        if (!work.isLost) work.outcome ??= work.begin();
      }
      const work = this.#working.shift() as Work;
      this.nowMs = work.atMs;
      const outcome = await work.outcome;
      this.#busy.delete(work.node);
      if (this.#world.signal.aborted) throw new AppError('aborted', 'the run was stopped');
      const arrived = this.#judge(work, outcome, step.round);
      if (arrived !== undefined) return arrived;
    }
  }

  /** What happened since the last call. */
  takeCounts(): ArrivalCounts {
    const { answered, staleness, ...counts } = this.#counts;
    const failures = this.#failures;
    this.#counts = { asked: 0, answered: 0, failed: 0, staleness: 0 };
    this.#failures = [];
    return { ...counts, answered, failures, staleness: staleness / Math.max(1, answered) };
  }

  /** Waits for what is being computed. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#working.map(({ outcome }) => outcome));
  }

  #begin({ content, round }: ArrivalStep): void {
    const { network, runner, seed } = this.#world;
    const node = this.#draw();
    const at = this.#begun++;
    const { delayMs, isLost } = fateOf(network, { seed, at, node, kind: 'train' });
    const question = { kind: 'train', round } as const;
    const begin = () => {
      const task = taskOf(this.#world, question, { node, content });
      // A node may begin twice from one model, and shall not do the same twice.
      return runner.run({ ...task, seed: clientSeed(seed, at, node) });
    };
    const atMs = this.nowMs + delayMs;
    this.#insert({ node, atMs, isLost, round, base: content.arrays, begin });
    this.#busy.add(node);
    this.#counts.asked += 1;
  }

  #draw(): string {
    for (;;) {
      const node = this.#clients[drawBelow(this.#random, this.#clients.length)]?.node as string;
      if (!this.#busy.has(node)) return node;
    }
  }

  /** Behind those that arrive at the same time. */
  #insert(work: Work): void {
    let [low, high] = [0, this.#working.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#working[middle] as Work).atMs <= work.atMs) low = middle + 1;
      else high = middle;
    }
    this.#working.splice(low, 0, work);
  }

  #judge(
    { base, node, round }: Work,
    outcome: ClientOutcome | undefined,
    now: number,
  ): ArrivedUpdate | undefined {
    if (outcome?.ok === true) {
      this.#world.states.set(node, outcome.state);
      [this.#lostInRow, this.#failedInRow] = [0, 0];
      this.#counts.answered += 1;
      this.#counts.staleness += now - round;
      this.#world.onAnswer(this.#counts.answered + this.#counts.failed, this.#counts.asked);
      return { reply: { node, content: outcome.content }, round, base };
    }
    const reason = outcome?.reason ?? NETWORK_REASONS.lost;
    this.#counts.failed += 1;
    if (this.#failures.length < FAILURES_LISTED_MAX) this.#failures.push({ node, reason });
    if (outcome === undefined) this.#lostInRow += 1;
    else this.#failedInRow += 1;
    const isHopeless =
      this.#failedInRow >= this.#concurrency ||
      this.#lostInRow >= this.#concurrency * LOST_IN_ROW_MAX;
    if (!isHopeless) return undefined;
    const count = this.#failedInRow + this.#lostInRow;
    const message = `${count} nodes in a row did not answer; the last one, ${node}: ${reason}`;
    throw new AppError('no-answers', message);
  }
}
