// The polls in flight. Several run at once, but their results are applied in the order in which
// they were opened, so that a slow member cannot choose the order of what others said.

import type { Digest } from '@starling/shared';
import type { Bag } from './bag.ts';
import { type Ancestry, type AnswerOutcome, EarlyTermPoll } from './early-term-poll.ts';
import type { InstanceRules } from './snow-instance.ts';

export type PollOutcome = AnswerOutcome | 'unknown-poll';

export interface FinishedPoll {
  readonly pollId: number;
  readonly votes: Bag<Digest>;
}

export class PollSet {
  readonly #rules: InstanceRules;
  readonly #ancestry: Ancestry;
  /** In order of opening. */
  readonly #polls = new Map<number, EarlyTermPoll>();

  constructor(rules: InstanceRules, ancestry: Ancestry) {
    this.#rules = rules;
    this.#ancestry = ancestry;
  }

  /** Polls whose results were not taken yet. */
  get size(): number {
    return this.#polls.size;
  }

  /** Opens a poll of members, one entry per draw; false when the id is taken. */
  open(pollId: number, asked: readonly number[]): boolean {
    if (this.#polls.has(pollId)) return false;
    this.#polls.set(pollId, new EarlyTermPoll(this.#rules, asked, this.#ancestry));
    return true;
  }

  awaits(pollId: number, member: number): boolean {
    return this.#polls.get(pollId)?.awaits(member) ?? false;
  }

  vote(pollId: number, member: number, choice: Digest): PollOutcome {
    return this.#polls.get(pollId)?.vote(member, choice) ?? 'unknown-poll';
  }

  drop(pollId: number, member: number): PollOutcome {
    return this.#polls.get(pollId)?.drop(member) ?? 'unknown-poll';
  }

  /** Gives up on every answer that is outstanding in a poll. */
  expire(pollId: number): void {
    const poll = this.#polls.get(pollId);
    for (const member of poll?.outstanding() ?? []) poll?.drop(member);
  }

  /** The oldest poll if it is finished; it leaves the set. */
  takeFinished(): FinishedPoll | undefined {
    for (const [pollId, poll] of this.#polls) {
      if (!poll.finished) return undefined;
      this.#polls.delete(pollId);
      return { pollId, votes: poll.votes };
    }
    return undefined;
  }

  clear(): void {
    this.#polls.clear();
  }
}
