// The votes of an epoch: this site's own as they leave, the others' as they are worth verifying.

import { type CastVote, LeaderSchedule, type SimplexVote } from '@starling/consensus';
import type { VerificationQueue } from '@starling/crypto';
import { refusal, type Verdict } from '@starling/shared';
import { type EpochTerms, voteClaim, voteFrame } from './chain-codec.ts';
import type { ChainJournal } from './chain-journal.ts';
import type { ChainWorld } from './chain-world.ts';
import { type Ballot, VoteCaster } from './vote-caster.ts';
import { type HeldVote, VoteDesk } from './vote-desk.ts';

/** Views in which a leader's vote shows that it is there; as the engine counts. */
const EAGER_VIEWS = 4;

export interface EpochVotesParts {
  readonly world: ChainWorld;
  readonly terms: EpochTerms;
  readonly queue: VerificationQueue;
  readonly journal: ChainJournal;
  readonly self: number | undefined;
  readonly leaderSeed: Uint8Array;
  readonly ballots: readonly Ballot[];
  /** Told of each vote whose signature holds. */
  onVote(cast: CastVote<Uint8Array>): void;
  onContradiction(first: Uint8Array, second: Uint8Array): void;
}

export class EpochVotes {
  readonly #parts: EpochVotesParts;
  readonly #leaders: LeaderSchedule;
  readonly #caster: VoteCaster;
  readonly #desk: VoteDesk<SimplexVote>;

  constructor(parts: EpochVotesParts) {
    const { ballots, journal, leaderSeed, queue, terms, world } = parts;
    const { membership } = terms;
    const weights = membership.members.map(({ weight }) => weight);
    this.#parts = parts;
    this.#leaders = new LeaderSchedule(weights.length, leaderSeed);
    this.#caster = new VoteCaster(world, terms, journal, ballots);
    this.#desk = new VoteDesk<SimplexVote>(queue, {
      quorum: membership.weight.quorum,
      weights,
      isEager: (held) => this.#leadsSoon(held),
      onVerified: (votes) => this.#feed(votes),
      onContradiction: (first, second) => this.#contradicted(first, second),
    });
  }

  get size(): number {
    return this.#desk.size;
  }

  /** Takes a vote of a member, everything but its signature checked. */
  take(held: HeldVote<SimplexVote>, view: number): Promise<Verdict> {
    const isForeign =
      held.voter === this.#parts.self && this.#caster.ballotOf(held.vote) === undefined;
    return isForeign ? this.#foreignOwn(held) : this.#desk.take(held, view);
  }

  /** Writes this site's vote down; undefined when another one stands there. */
  cast(vote: SimplexVote): Promise<Ballot | undefined> {
    return this.#caster.cast(vote);
  }

  ballotOf(vote: SimplexVote): Ballot | undefined {
    return this.#caster.ballotOf(vote);
  }

  /** Counts this site's own vote. */
  count(self: number, { signature, vote }: Ballot): void {
    const member = this.#parts.terms.membership.members[self];
    if (member === undefined) return;
    const claim = voteClaim(this.#parts.terms, member, vote, signature);
    this.#desk.trust({ voter: self, vote, claim });
    this.#parts.onVote({ voter: self, vote, proof: signature });
  }

  close(vote: SimplexVote): void {
    this.#desk.close(vote);
  }

  decided(view: number): void {
    this.#desk.decided(view);
    this.#caster.forgetUntil(view);
  }

  retry(): void {
    this.#desk.retry();
  }

  /** The frame in which a member said it. */
  frameOf({ proof, vote, voter }: CastVote<Uint8Array>): Uint8Array {
    const member = this.#parts.terms.membership.members[voter];
    if (member === undefined) throw new RangeError(`voter ${voter} is no member`);
    return voteFrame(this.#parts.terms, member.member, vote, proof);
  }

  #feed(votes: readonly HeldVote<SimplexVote>[]): void {
    for (const held of votes) this.#parts.onVote(castOf(held));
  }

  #contradicted(first: HeldVote<SimplexVote>, second: HeldVote<SimplexVote>): void {
    this.#feed([first, second]);
    const [a, b] = [this.frameOf(castOf(first)), this.frameOf(castOf(second))];
    this.#parts.onContradiction(a, b);
  }

  /** A vote under this site's key that its journal does not know. */
  async #foreignOwn(held: HeldVote<SimplexVote>): Promise<Verdict> {
    const answer = await this.#parts.queue.check(held.claim);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    if (answer === 'false') return { ...refusal('bad-signature', 'a vote'), kind: 'ignore' };
    if (this.#caster.ballotOf(held.vote) !== undefined) return refusal('duplicate', 'our own vote');
    this.#feed([held]);
    return refusal('replay', 'a vote under our key that this site does not know');
  }

  /** The engine skips leaders of whom it hears nothing, so theirs are verified at once. */
  #leadsSoon({ vote, voter }: HeldVote<SimplexVote>): boolean {
    for (let view = vote.view; view <= vote.view + EAGER_VIEWS; view++) {
      if (this.#leaders.leaderOf(view) === voter) return true;
    }
    return false;
  }
}

function castOf({ claim, vote, voter }: HeldVote<SimplexVote>): CastVote<Uint8Array> {
  return { voter, vote, proof: claim.signature };
}
