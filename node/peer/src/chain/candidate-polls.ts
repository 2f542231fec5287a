// Where eligible patterns conflict, the members ask each other which one they prefer before a leader
// puts one into a block. A poll chooses and does not decide: its outcome never touches safety.

import {
  CandidatePoll,
  type ChainState,
  certifiedBound,
  conflictGroups,
  inclusionObjection,
  type RandomSource,
} from '@starling/consensus';
import { digestOf, systemRandom } from '@starling/crypto';
import {
  type CborValue,
  type ChainBlock,
  type ChainRequest,
  type Chit,
  type Digest,
  encodeCanonical,
  type MemberId,
  type PatternEntry,
  POLL_CHOICES_MAX,
  POLL_GROUPS_MAX,
} from '@starling/shared';
import type { EpochTerms } from './chain-codec.ts';
import type { ChainCore } from './chain-core.ts';
import type { PollSummary } from './chain-status.ts';

/** Views in which a member whose poll is final refuses a block with a loser of it. */
export const POLL_VIEWS_MAX = 3;
/** How long a member is waited for in one round. */
const ANSWER_WITHIN_MS = 500;
/** How long a leader waits for its polls before it builds a block. */
export const LEADER_WAITS_MS = 600;

interface Eligible {
  readonly id: Digest;
  readonly bound: number;
  readonly pattern: PatternEntry['proposal']['pattern'];
  readonly supersedes: readonly Digest[];
}

interface Running {
  readonly poll: CandidatePoll;
  readonly candidates: Set<Digest>;
  readonly answered: Set<MemberId>;
  readonly refusedViews: Set<number>;
}

const RANDOM: RandomSource = {
  nextUint32: () => new DataView(systemRandom(4).buffer).getUint32(0),
};

export class CandidatePolls {
  readonly #core: ChainCore;
  readonly #onSettled: () => void;
  #eligible = new Map<Digest, Eligible>();
  #polls: Running[] = [];

  constructor(core: ChainCore, onSettled: () => void) {
    this.#core = core;
    this.#onSettled = onSettled;
  }

  /** Opens polls about what conflicts now, and drops those about what is gone. */
  update(state: ChainState, terms: EpochTerms): void {
    this.#eligible = eligibleOf(state, this.#core);
    const candidates = [...this.#eligible.values()];
    const groups = conflictGroups(candidates, state.rules).slice(0, POLL_GROUPS_MAX);
    this.#polls = this.#polls.filter((running) =>
      groups.some((group) => group.some((id) => running.candidates.has(id))),
    );
    for (const group of groups) {
      const known = this.#polls.find(({ candidates }) => group.some((id) => candidates.has(id)));
      if (known === undefined) this.#open(group, terms);
      else for (const id of group) if (known.poll.add(id)) known.candidates.add(id);
    }
  }

  /** What each poll prefers now. */
  get preferred(): readonly Digest[] {
    return this.#polls.map(({ poll }) => poll.preference());
  }

  get isOpen(): boolean {
    return this.#polls.some(({ poll }) => poll.state === 'open');
  }

  /** Resolves when no poll is open, or after the time that a leader waits. */
  async settled(): Promise<void> {
    const { clock } = this.#core.world;
    const { signal } = this.#core.stopping;
    const untilMs = clock.monotonicMs() + LEADER_WAITS_MS;
    while (this.isOpen && clock.monotonicMs() < untilMs && !signal.aborted) {
      await clock.sleep(20, signal).catch(() => undefined);
    }
  }

  /** This site's answers to a member's poll. */
  chits(groups: readonly (readonly Digest[])[]): Chit[] {
    return groups.map((group) => {
      const known = group.filter((id) => this.#eligible.has(id));
      const running = this.#polls.find(({ candidates }) => known.some((id) => candidates.has(id)));
      const own = running?.poll.preference();
      const preference = own !== undefined && known.includes(own) ? own : this.#best(known);
      return { known, preference: preference ?? null };
    });
  }

  /** True for a block with a loser of a final poll, in the first few views that hold one. */
  declines(block: ChainBlock): boolean {
    const ids = new Set(patternIds(block));
    const against = this.#polls.filter(({ candidates, poll }) => {
      const chosen = poll.decided();
      if (chosen === undefined || ids.has(chosen)) return false;
      return [...candidates].some((id) => ids.has(id));
    });
    const left = against.filter(({ refusedViews }) => refusedViews.size < POLL_VIEWS_MAX);
    for (const { refusedViews } of left) refusedViews.add(block.view);
    return left.length > 0;
  }

  /** The poll behind what a block includes; null when nothing in it was polled about. */
  summaryOf(block: ChainBlock): PollSummary | null {
    const ids = new Set(patternIds(block));
    const of = this.#polls.filter(({ candidates }) => [...candidates].some((id) => ids.has(id)));
    return summaryOf(of);
  }

  /** The polls that run now. */
  get summary(): PollSummary | null {
    return summaryOf(this.#polls);
  }

  #open(group: readonly Digest[], terms: EpochTerms): void {
    const { members, places } = terms.membership;
    const first = this.#best(group);
    const self = places.get(this.#core.world.identity.member);
    if (first === undefined || self === undefined) return;
    const candidates: [Digest, ...Digest[]] = [first, ...group.filter((id) => id !== first)];
    const poll = new CandidatePoll({ members: members.length, self, candidates, random: RANDOM });
    const running: Running = {
      poll,
      candidates: new Set(group),
      answered: new Set(),
      refusedViews: new Set(),
    };
    this.#polls.push(running);
    void this.#ask(running, terms);
  }

  async #ask(running: Running, terms: EpochTerms): Promise<void> {
    const { meter } = this.#core.world;
    const { poll } = running;
    const isWanted = (): boolean =>
      this.#polls.includes(running) && !this.#core.stopping.signal.aborted;
    for (let query = poll.nextQuery(); query !== undefined; query = poll.nextQuery()) {
      const { members, round } = query;
      const group = [...running.candidates].sort().slice(0, POLL_CHOICES_MAX);
      const chits = await Promise.all(
        members.map((member) => this.#chit(member, group, terms, running.answered)),
      );
      poll.onChits(
        round,
        chits.filter((chit) => chit !== undefined),
      );
      if (!isWanted()) return;
    }
    const outcome = poll.state === 'decided' ? 'finalised' : 'given-up';
    meter.count('starling_peer_chain_polls_total', 1, { outcome });
    meter.count('starling_peer_chain_poll_rounds_total', poll.rounds);
    this.#onSettled();
  }

  async #chit(
    member: number,
    group: readonly Digest[],
    { collection, membership }: EpochTerms,
    answered: Set<MemberId>,
  ): Promise<{ readonly member: number; readonly choice: Digest } | undefined> {
    const asked = membership.members[member]?.member;
    const to = asked === undefined ? undefined : this.#core.transportOf(asked);
    if (asked === undefined || to === undefined) return undefined;
    const request: ChainRequest = { collection, groups: [[...group]], kind: 'poll' };
    const answer = await this.#core.mail.ask(to, request, ANSWER_WITHIN_MS);
    const choice = answer?.outcome === 'poll' ? answer.chits[0]?.preference : undefined;
    if (choice === undefined || choice === null || !group.includes(choice)) return undefined;
    answered.add(asked);
    return { member, choice };
  }

  /** The highest certified bound, the lower digest among equals. */
  #best(ids: readonly Digest[]): Digest | undefined {
    const known = ids.flatMap((id) => this.#eligible.get(id) ?? []);
    return known.sort((a, b) => b.bound - a.bound || (a.id < b.id ? -1 : 1))[0]?.id;
  }
}

function eligibleOf(state: ChainState, { pool, rules }: ChainCore): Map<Digest, Eligible> {
  const eligible = new Map<Digest, Eligible>();
  for (const entry of pool.candidates(state)) {
    if (entry.kind !== 'pattern') continue;
    if (inclusionObjection(entry, state, rules.certified) !== undefined) continue;
    const { pattern, supersedes } = entry.proposal;
    const id = digestOf(encodeCanonical(entry.proposal as CborValue));
    eligible.set(id, { id, bound: certifiedBound(entry.attestations), pattern, supersedes });
  }
  return eligible;
}

function patternIds({ entries }: ChainBlock): Digest[] {
  return entries.flatMap((entry) =>
    entry.kind === 'pattern' ? [digestOf(encodeCanonical(entry.proposal as CborValue))] : [],
  );
}

function summaryOf(polls: readonly Running[]): PollSummary | null {
  const [first] = polls;
  if (first === undefined) return null;
  return {
    asked: [...new Set(polls.flatMap(({ answered }) => [...answered]))].sort(),
    finalised: polls.every(({ poll }) => poll.state === 'decided'),
    k: first.poll.k,
    preferred: polls.map(({ poll }) => poll.preference()),
    rounds: Math.max(...polls.map(({ poll }) => poll.rounds)),
  };
}
