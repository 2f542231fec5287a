// The engine's polls: whom they ask, how long they wait, and whether asking makes sense at all.

import type { Digest } from '@starling/shared';
import { UniformSampler } from '../sampling/uniform-sampler.ts';
import type { Ancestry } from './early-term-poll.ts';
import { instanceRules, minPercentConnected, minPercentConnectedHealthy } from './parameters.ts';
import { type FinishedPoll, type PollOutcome, PollSet } from './poll-set.ts';
import type { SnowConfig } from './snow-config.ts';

export interface OpenedPoll {
  readonly pollId: number;
  /** Members to ask, ascending; without ourselves and those out of reach. */
  readonly peers: readonly number[];
}

export class Polling {
  readonly #config: SnowConfig;
  readonly #pollMs: number;
  readonly #sampler: UniformSampler;
  readonly #polls: PollSet;
  readonly #deadlines = new Map<number, number>();
  #unreachable: ReadonlySet<number> = new Set();
  #opened = 0;

  constructor(config: SnowConfig, pollMs: number, ancestry: Ancestry) {
    this.#config = config;
    this.#pollMs = pollMs;
    this.#sampler = new UniformSampler(config.random);
    this.#sampler.initialize(config.members);
    this.#polls = new PollSet(instanceRules(config.parameters), ancestry);
  }

  get size(): number {
    return this.#polls.size;
  }

  /** As many members are within reach as one confident poll needs. */
  get isConnected(): boolean {
    return this.#reachableShare >= minPercentConnected(this.#config.parameters);
  }

  get isWellConnected(): boolean {
    return this.#reachableShare >= minPercentConnectedHealthy(this.#config.parameters);
  }

  setInactive(members: ReadonlySet<number>): void {
    this.#unreachable = members;
  }

  /** Opens one more poll, our own answer in it; undefined when enough are in flight. */
  open(ownPreference: Digest, nowMs: number): OpenedPoll | undefined {
    const { parameters, self } = this.#config;
    if (this.#polls.size >= parameters.concurrentRepolls) return undefined;
    const asked = this.#sampler.sample(parameters.k) ?? [];
    this.#opened += 1;
    const pollId = this.#opened;
    this.#polls.open(pollId, asked);
    this.#deadlines.set(pollId, nowMs + this.#pollMs);
    const peers: number[] = [];
    for (const member of asked.toSorted((a, b) => a - b)) {
      if (member === self) this.#polls.vote(pollId, member, ownPreference);
      else if (this.#unreachable.has(member)) this.#polls.drop(pollId, member);
      else peers.push(member);
    }
    return { pollId, peers };
  }

  awaits(pollId: number, member: number): boolean {
    return this.#polls.awaits(pollId, member);
  }

  vote(pollId: number, member: number, choice: Digest): PollOutcome {
    return this.#polls.vote(pollId, member, choice);
  }

  drop(pollId: number, member: number): PollOutcome {
    return this.#polls.drop(pollId, member);
  }

  /** Gives up on answers that are overdue. */
  expire(nowMs: number): void {
    for (const [pollId, deadlineMs] of this.#deadlines) {
      if (deadlineMs > nowMs) break;
      this.#polls.expire(pollId);
      this.#deadlines.delete(pollId);
    }
  }

  takeFinished(): FinishedPoll | undefined {
    const finished = this.#polls.takeFinished();
    if (finished !== undefined) this.#deadlines.delete(finished.pollId);
    return finished;
  }

  clear(): void {
    this.#polls.clear();
    this.#deadlines.clear();
  }

  nextMs(): number {
    for (const deadlineMs of this.#deadlines.values()) return deadlineMs;
    return Number.POSITIVE_INFINITY;
  }

  get #reachableShare(): number {
    const { members, self } = this.#config;
    let away = 0;
    for (const member of this.#unreachable) {
      if (member >= 0 && member < members && member !== self) away += 1;
    }
    return (members - away) / members;
  }
}
