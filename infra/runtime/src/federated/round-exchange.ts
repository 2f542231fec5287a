// Asks virtual nodes and hands their replies on in the order of the nodes, however many workers there
// are and whoever is first: a few are under way, none is kept longer than its turn.

import type { Assignment, ClientReply } from '@starling/rules';
import {
  AppError,
  type AppMessage,
  type AppMessageKind,
  type ConfigRecord,
  clientSeed,
} from '@starling/shared';
import type { ClientRunner } from './clients/client-runner.ts';
import type { ClientOutcome, ClientTask } from './clients/client-task.ts';
import type { NodeStates } from './node-states.ts';
import { type Fate, fateOf, type VirtualNetwork } from './virtual-network.ts';

/** What all questions of a run have in common. */
export interface ExchangeWorld {
  readonly runId: string;
  readonly seed: number;
  readonly runConfig: ConfigRecord;
  readonly nodeConfig: (node: string) => ConfigRecord;
  readonly runner: ClientRunner;
  readonly states: NodeStates;
  readonly network: VirtualNetwork;
  readonly signal: AbortSignal;
  readonly onAnswer: (done: number, asked: number) => void;
}

export interface Failure {
  readonly node: string;
  readonly reason: string;
}

/** Failures that a round's record lists; the others are counted. */
export const FAILURES_LISTED_MAX = 20;
/** The network's reasons; all others are the node's own. */
export const NETWORK_REASONS = Object.freeze({ lost: 'dropped out', late: 'too late' });

type Question = Pick<AppMessage, 'kind' | 'round'>;

/** One step of a round: who was asked, who failed, how long it took in virtual time. */
export class RoundExchange {
  readonly kind: AppMessageKind;
  readonly asked: number;
  answered = 0;
  failed = 0;
  readonly failures: Failure[] = [];
  /** Until the last answer that counts, or the deadline where one was missed. */
  readonly virtualMs: number;
  readonly #world: ExchangeWorld;
  readonly #question: Question;
  /** In the order of nodes. */
  readonly #reached: readonly Assignment[];

  constructor(world: ExchangeWorld, question: Question, assignments: readonly Assignment[]) {
    this.#world = world;
    this.#question = question;
    this.kind = question.kind;
    this.asked = assignments.length;
    const { late, lost, reached, virtualMs } = settle(world, question, assignments);
    this.#reached = reached;
    this.virtualMs = virtualMs;
    for (const { node } of lost) this.#fail(node, NETWORK_REASONS.lost);
    for (const { node } of late) this.#fail(node, NETWORK_REASONS.late);
  }

  /**
   * Replies in the order of the nodes.
   *
   * @throws AppError `aborted`; `no-answers` when every node that was reached failed
   */
  async *replies(): AsyncGenerator<ClientReply> {
    const { onAnswer, runner } = this.#world;
    const underWay: { node: string; outcome: Promise<ClientOutcome> }[] = [];
    try {
      for (const assignment of this.#reached) {
        const { node } = assignment;
        underWay.push({
          node,
          outcome: runner.run(taskOf(this.#world, this.#question, assignment)),
        });
        if (underWay.length < runner.concurrency) continue;
        yield* this.#take(underWay);
        onAnswer(this.answered + this.failed, this.asked);
      }
      while (underWay.length > 0) {
        yield* this.#take(underWay);
        onAnswer(this.answered + this.failed, this.asked);
      }
    } finally {
      await Promise.allSettled(underWay.map(({ outcome }) => outcome));
    }
    this.#demandAnswers();
  }

  async *#take(underWay: { node: string; outcome: Promise<ClientOutcome> }[]) {
    const { signal, states } = this.#world;
    const first = underWay.shift();
    if (first === undefined) return;
    const outcome = await first.outcome;
    if (signal.aborted) throw new AppError('aborted', 'the run was stopped');
    if (!outcome.ok) return this.#fail(first.node, outcome.reason);
    states.set(first.node, outcome.state);
    this.answered += 1;
    yield { node: first.node, content: outcome.content };
  }

  #fail(node: string, reason: string): void {
    this.failed += 1;
    if (this.failures.length < FAILURES_LISTED_MAX) this.failures.push({ node, reason });
  }

  #demandAnswers(): void {
    if (this.answered > 0 || this.#reached.length === 0) return;
    const reached = new Set(this.#reached.map(({ node }) => node));
    const failure = this.failures.find(({ node }) => reached.has(node));
    const { kind, round } = this.#question;
    const first = failure === undefined ? '' : `; ${failure.node}: ${failure.reason}`;
    throw new AppError(
      'no-answers',
      `round ${round}, ${kind}: none of the ${this.#reached.length} nodes answered${first}`,
    );
  }
}

/** A node's task, with its state, its config and its seed. */
export function taskOf(
  world: ExchangeWorld,
  question: Question,
  assignment: Assignment,
): ClientTask {
  const { node, content } = assignment;
  const { nodeConfig, runConfig, runId, seed, states } = world;
  return {
    message: { ...question, runId, node, content },
    runConfig,
    nodeConfig: nodeConfig(node),
    state: states.get(node),
    seed: clientSeed(seed, question.round, node),
  };
}

interface Settled {
  readonly reached: readonly Assignment[];
  readonly lost: readonly Assignment[];
  readonly late: readonly Assignment[];
  readonly virtualMs: number;
}

/** Whose answers count: who is lost or late need not compute anything. */
function settle(
  { network, seed }: ExchangeWorld,
  { kind, round }: Question,
  assignments: readonly Assignment[],
): Settled {
  const fates = new Map<Assignment, Fate>(
    assignments.map((one) => [one, fateOf(network, { seed, at: round, node: one.node, kind })]),
  );
  const delayOf = (one: Assignment) => fates.get(one)?.delayMs ?? 0;
  const lost = assignments.filter((one) => fates.get(one)?.isLost);
  const coming = assignments.filter((one) => !fates.get(one)?.isLost);
  const wanted = Math.ceil(assignments.length * network.waitFor);
  const inTime = coming.filter((one) => delayOf(one) <= network.deadlineMs);
  const counted = new Set([...inTime].sort((a, b) => delayOf(a) - delayOf(b)).slice(0, wanted));
  const slowest = Math.max(0, ...[...counted].map(delayOf));
  const isWaiting = counted.size < wanted && Number.isFinite(network.deadlineMs);
  return {
    lost,
    late: coming.filter((one) => !counted.has(one)),
    reached: coming.filter((one) => counted.has(one)),
    virtualMs: isWaiting ? network.deadlineMs : slowest,
  };
}
