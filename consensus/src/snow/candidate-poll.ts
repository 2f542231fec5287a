// A Snowball poll over candidates that conflict, before one of them is put into a block. It chooses
// and does not decide: what is final is final by certificate, so its parameters aim at agreeing
// soon, and a poll that takes too long is given up.

import type { Digest } from '@starling/shared';
import { fullPollFor } from '../bounds/full-polling.ts';
import type { RandomSource } from '../sampling/random-source.ts';
import { UniformSampler } from '../sampling/uniform-sampler.ts';
import { Bag } from './bag.ts';
import { DecisionTree } from './decision-tree.ts';
import { Snowball } from './snowball.ts';

export interface CandidatePollParameters {
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
}

/** Up to here every round asks everybody. */
export const FULL_POLL_MEMBERS_MAX = 30;
/** Rounds after which a poll is given up: several times what an even split needs. */
export const POLL_ROUNDS_MAX = 128;
/**
 * Rounds in a row without a majority after which we start over with what most answers were for. Who
 * asks everybody sees an even split for ever; no chance breaks it, so the lower digest does.
 */
export const SPLIT_ROUNDS_MAX = 3;
/** Candidates of one poll; more of them wait for the next one. */
export const CANDIDATES_MAX = 64;

const LARGE: CandidatePollParameters = Object.freeze({
  k: 20,
  alphaPreference: 11,
  alphaConfidence: 15,
  beta: 20,
});
const SMALL_BETA = 5;

/**
 * What n members poll with. A small cluster asks everybody, with the thresholds that hold against
 * ⌊n/4⌋ liars in lock-step rounds and are reached when those are silent.
 */
export function candidatePollParameters(members: number): CandidatePollParameters {
  if (members > FULL_POLL_MEMBERS_MAX) return LARGE;
  const { alphaPreference, alphaConfidence } = fullPollFor(members);
  return {
    k: members,
    alphaPreference,
    alphaConfidence: Math.max(alphaPreference, alphaConfidence),
    beta: SMALL_BETA,
  };
}

export interface CandidatePollConfig {
  readonly members: number;
  /** Our index; undefined for an observer. */
  readonly self: number | undefined;
  /** The one preferred at first, then the others; only the first `CANDIDATES_MAX` are polled. */
  readonly candidates: readonly [Digest, ...Digest[]];
  readonly random: RandomSource;
  readonly parameters?: CandidatePollParameters;
  readonly roundsMax?: number;
}

export interface CandidateQuery {
  readonly round: number;
  /** Members to ask, ascending, without ourselves. */
  readonly members: readonly number[];
}

export interface CandidateChit {
  readonly member: number;
  readonly choice: Digest;
}

export type CandidatePollState = 'open' | 'decided' | 'given-up';

/** Invariant: one query is outstanding at a time, and each member asked counts once in it. */
export class CandidatePoll {
  readonly #self: number | undefined;
  readonly #parameters: CandidatePollParameters;
  readonly #roundsMax: number;
  readonly #sampler: UniformSampler;
  readonly #candidates = new Set<Digest>();
  #tree: DecisionTree;
  #rounds = 0;
  #splitRounds = 0;
  #asked: readonly number[] | undefined;

  constructor(config: CandidatePollConfig) {
    const { members, self, candidates, random } = config;
    const { parameters = candidatePollParameters(members), roundsMax = POLL_ROUNDS_MAX } = config;
    this.#self = self;
    this.#parameters = parameters;
    this.#roundsMax = roundsMax;
    this.#sampler = new UniformSampler(random);
    this.#sampler.initialize(members);
    this.#tree = treeOf(parameters, candidates[0]);
    for (const candidate of candidates) this.add(candidate);
  }

  /** Rounds that were counted. */
  get rounds(): number {
    return this.#rounds;
  }

  /** Members that a round asks, ourselves included. */
  get k(): number {
    return this.#parameters.k;
  }

  get state(): CandidatePollState {
    if (this.#tree.finalized) return 'decided';
    return this.#rounds < this.#roundsMax ? 'open' : 'given-up';
  }

  /** What we would put into a block now, and answer a member that asks. */
  preference(): Digest {
    return this.#tree.preference;
  }

  decided(): Digest | undefined {
    return this.#tree.finalized ? this.#tree.preference : undefined;
  }

  /** One more candidate; false when it is known or there are too many. */
  add(candidate: Digest): boolean {
    const isNew = !this.#candidates.has(candidate) && this.#candidates.size < CANDIDATES_MAX;
    if (!isNew) return false;
    this.#candidates.add(candidate);
    this.#tree.add(candidate);
    return true;
  }

  /** Whom to ask now, the same until `onChits` answers; undefined when the poll is over. */
  nextQuery(): CandidateQuery | undefined {
    if (this.state !== 'open') return undefined;
    this.#asked ??= this.#sampler.sample(this.#parameters.k) ?? [];
    const members = this.#asked.filter((member) => member !== this.#self);
    return { round: this.#rounds + 1, members: members.toSorted((a, b) => a - b) };
  }

  /**
   * Counts what came back for a query, silence being no vote: answers of members that were not
   * asked, second answers and answers for no candidate are left out. False for another round's.
   */
  onChits(round: number, chits: Iterable<CandidateChit>): boolean {
    const asked = this.#asked;
    if (asked === undefined || round !== this.#rounds + 1) return false;
    const waiting = new Set(asked);
    const votes = new Bag<Digest>();
    if (this.#self !== undefined && waiting.delete(this.#self)) votes.add(this.preference());
    for (const { member, choice } of chits) {
      if (waiting.delete(member) && this.#candidates.has(choice)) votes.add(choice);
    }
    this.#splitRounds = this.#tree.recordPoll(votes) ? 0 : this.#splitRounds + 1;
    if (this.#splitRounds >= SPLIT_ROUNDS_MAX) this.#startOver(votes);
    this.#rounds = round;
    this.#asked = undefined;
    return true;
  }

  /** Prefers what got most answers, the lowest digest among equals, and forgets earlier rounds. */
  #startOver(votes: Bag<Digest>): void {
    const [mode] = [...votes].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
    this.#tree = treeOf(this.#parameters, mode?.[0] ?? this.preference());
    for (const candidate of this.#candidates) this.#tree.add(candidate);
    this.#splitRounds = 0;
  }
}

function treeOf(parameters: CandidatePollParameters, preferred: Digest): DecisionTree {
  const { alphaPreference, alphaConfidence, beta } = parameters;
  const rules = { alphaPreference, conditions: [{ alphaConfidence, beta }] };
  const start = <Choice>(preference: Choice) => new Snowball(rules, preference);
  return new DecisionTree({ alphaPreference, start }, preferred);
}
