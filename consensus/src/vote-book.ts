// The votes of one instance, such as the model of one plan. Each voter is counted once, for what it
// said first; a second, different vote is kept as evidence and changes nothing.

import type { Digest, MemberId } from '@starling/shared';
import { quorumSize } from './quorum.ts';

/** A vote whose signature was verified. */
export interface Vote {
  readonly member: MemberId;
  /** Digest of `body`: votes for the same choice share it. */
  readonly choice: Digest;
  /** The exact bytes that the voters' statements carry. */
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** Two signed votes of one member for different choices. */
export interface Equivocation {
  readonly member: MemberId;
  readonly first: Vote;
  readonly second: Vote;
}

export interface Tally {
  readonly choice: Digest;
  readonly votes: number;
}

export type VoteOutcome = 'counted' | 'duplicate' | 'not-a-voter' | 'equivocation';

export interface VoteBookOptions {
  readonly voters: readonly MemberId[];
  /** Votes that decide; `quorumSize(voters.length)` when absent. */
  readonly quorum?: number;
}

/**
 * Invariant: at most one counted vote and one piece of evidence per voter, so the book never holds
 * more than 2 × voters votes. Invariant: more than half of the voters make a quorum, so at most one
 * choice is ever decided, and a decision never changes.
 */
export class VoteBook {
  readonly voters: readonly MemberId[];
  readonly quorum: number;
  readonly #counted = new Map<MemberId, Vote>();
  readonly #evidence = new Map<MemberId, Equivocation>();
  readonly #members: ReadonlySet<MemberId>;

  /** @throws {RangeError} when a voter is named twice or `quorum` violates n/2 < q <= n. */
  constructor({ voters, quorum = quorumSize(voters.length) }: VoteBookOptions) {
    this.#members = new Set(voters);
    if (this.#members.size !== voters.length) throw new RangeError('a voter is named twice');
    if (!Number.isSafeInteger(quorum) || quorum * 2 <= voters.length || quorum > voters.length) {
      throw new RangeError(`a quorum of ${quorum} violates n/2 < q <= n for n = ${voters.length}`);
    }
    this.voters = Object.freeze([...voters].sort());
    this.quorum = quorum;
  }

  /** Takes note of a verified vote and says what became of it. */
  record(vote: Vote): VoteOutcome {
    if (!this.#members.has(vote.member)) return 'not-a-voter';
    const first = this.#counted.get(vote.member);
    if (first === undefined) {
      this.#counted.set(vote.member, vote);
      return 'counted';
    }
    if (first.choice === vote.choice) return 'duplicate';
    if (!this.#evidence.has(vote.member)) {
      this.#evidence.set(vote.member, { member: vote.member, first, second: vote });
    }
    return 'equivocation';
  }

  /** The choice with most votes, the lower digest among equals; undefined without a vote. */
  leader(): Tally | undefined {
    const counts = new Map<Digest, number>();
    for (const { choice } of this.#counted.values()) {
      counts.set(choice, (counts.get(choice) ?? 0) + 1);
    }
    let leader: Tally | undefined;
    for (const [choice, votes] of counts) {
      const ahead = leader === undefined || votes > leader.votes;
      const lower = votes === leader?.votes && choice < leader.choice;
      if (ahead || lower) leader = { choice, votes };
    }
    return leader;
  }

  /** The choice that a quorum voted for. */
  decision(): Digest | undefined {
    const leader = this.leader();
    return leader !== undefined && leader.votes >= this.quorum ? leader.choice : undefined;
  }

  /** Counted votes for a choice, sorted by member. */
  votesFor(choice: Digest): readonly Vote[] {
    return [...this.#counted.values()].filter((vote) => vote.choice === choice).sort(byMember);
  }

  /** Members that have not voted, sorted. */
  silent(): readonly MemberId[] {
    return this.voters.filter((member) => !this.#counted.has(member));
  }

  /** Members that voted twice, sorted, each with its two votes. */
  equivocations(): readonly Equivocation[] {
    return [...this.#evidence.values()].sort(byMember);
  }
}

function byMember(a: { readonly member: MemberId }, b: { readonly member: MemberId }): number {
  return a.member < b.member ? -1 : 1;
}
