// One member of a Simplex instance: what it is told, what it knows, what it asks its caller to do.
// Pure: no clock, no network, no cryptography. Proofs and block ids were checked by the caller.

import type { Digest } from '@starling/shared';
import { Conduct } from './conduct.ts';
import { assertConfig, SIMPLEX_TIMEOUTS, type SimplexConfig } from './config.ts';
import type { BlockOutcome, CertificateOutcome, SimplexEffect, VoteOutcome } from './effect.ts';
import { Knowledge } from './knowledge.ts';
import { VIEWS_AHEAD_MAX } from './limits.ts';
import { OwnVotes } from './own-votes.ts';
import { certificateObjection } from './quorum-certificate.ts';
import type { ViewRecord } from './view-record.ts';
import type { ViewVotes } from './view-votes.ts';
import {
  type BlockHeader,
  type CastVote,
  isWellFormed,
  type QuorumCertificate,
  type SimplexVote,
} from './vote.ts';

export interface SimplexStatus<Proof> {
  /** The current view and who leads it. */
  readonly view: number;
  readonly leader: number;
  readonly decided: BlockHeader;
  /** Certificate of the last decision; undefined while that is the root. */
  readonly finalization: QuorumCertificate<Proof> | undefined;
  /** The highest notarised block, the decided one when there is none above; undefined if unknown. */
  readonly tip: BlockHeader | undefined;
  /** The certificate of the highest view. */
  readonly best: QuorumCertificate<Proof> | undefined;
  readonly isIdle: boolean;
  /** False for an observer, a twin, and in views that a rolled-back journal rules out. */
  readonly mayVote: boolean;
  readonly isForked: boolean;
  /** What is held: all of it bounded by the limits of this folder. */
  readonly held: { readonly views: number; readonly blocks: number; readonly wanted: number };
}

/**
 * Every method takes the caller's time, changes the state, and leaves what is to be done in
 * `takeEffects`. Bad input is refused with a reason.
 */
export class SimplexReplica<Proof> {
  readonly #self: number | undefined;
  readonly #own: OwnVotes;
  readonly #known: Knowledge<Proof>;
  readonly #conduct: Conduct<Proof>;
  #effects: SimplexEffect<Proof>[] = [];

  /**
   * `journal` holds own votes of before, so that nothing is voted twice; stored certificates and
   * blocks are handed in again through `onCertificate` and `onBlock`.
   * @throws {RangeError} when the configuration is impossible.
   */
  constructor(config: SimplexConfig, journal: readonly SimplexVote[] = []) {
    assertConfig(config);
    const { self, timeouts = SIMPLEX_TIMEOUTS } = config;
    this.#self = self;
    this.#own = new OwnVotes(journal);
    this.#known = new Knowledge(config, (effect) => this.#tell(effect));
    this.#conduct = new Conduct(this.#known, this.#own, { self, timeouts });
  }

  get hasEffects(): boolean {
    return this.#effects.length > 0;
  }

  /** What is to be done, in order; empties the list. */
  takeEffects(): readonly SimplexEffect<Proof>[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Is there something to decide that no undecided block carries already? */
  setDemand(hasWork: boolean, nowMs: number): void {
    this.#conduct.setDemand(hasWork);
    this.#conduct.update(nowMs);
  }

  /** A vote whose proof holds; our own ones too, once they are written down and signed. */
  onVote(cast: CastVote<Proof>, nowMs: number): VoteOutcome {
    const { voter, vote } = cast;
    const { view } = vote;
    if (this.#known.power.weights[voter] === undefined) return 'not-a-member';
    if (!isWellFormed(vote)) return 'malformed';
    if (view <= this.#known.decided.view) return 'stale-view';
    if (view > this.#known.view + VIEWS_AHEAD_MAX) {
      this.#conduct.participation.sawVote(voter, view);
      if (!this.#conduct.pace.isRunning) this.#conduct.update(nowMs);
      return 'too-far-ahead';
    }
    const record = this.#known.views.at(view);
    const { votes } = record;
    if (votes === undefined) return 'too-old';
    if (voter === this.#self && !this.#own.knows(vote) && !this.#own.isSilentIn(view)) {
      return this.#stopAsTwin(cast);
    }
    const outcome = votes.record(cast);
    if (outcome === 'counted') this.#counted(record, votes, cast, nowMs);
    else if (outcome === 'duplicate') this.#conduct.prod(view, nowMs);
    else return this.#lied(cast, outcome);
    return outcome;
  }

  /** A certificate all of whose proofs hold. */
  onCertificate(certificate: QuorumCertificate<Proof>, nowMs: number): CertificateOutcome {
    const objection = certificateObjection(certificate, this.#known.power);
    return objection ?? this.#learn(certificate, nowMs);
  }

  /** A block that its leader signed, its content bound to `id`; our own answer to `propose` too. */
  onBlock(block: BlockHeader, nowMs: number): BlockOutcome {
    const outcome = this.#known.addBlock(block);
    if (outcome === 'accepted') {
      this.#settle(this.#known.views.peek(block.view)?.finalization);
    }
    this.#conduct.update(nowMs);
    return outcome;
  }

  /** The answer to `judge`. */
  onJudged(id: Digest, isValid: boolean, nowMs: number): void {
    const block = this.#known.tree.get(id);
    if (block === undefined || block.validity === 'invalid') return;
    block.validity = isValid ? 'valid' : 'invalid';
    if (!isValid) this.#known.views.at(block.header.view).isSpoiled = true;
    this.#conduct.update(nowMs);
  }

  /** There is nothing to propose now; asked again when demand is set or others need a finish. */
  declineToPropose(view: number, nowMs: number): void {
    this.#conduct.declined(view);
    this.#conduct.update(nowMs);
  }

  onTick(nowMs: number): void {
    this.#conduct.tick(nowMs);
    this.#conduct.update(nowMs);
  }

  /** Members whom the caller does not reach: as leaders they are not waited for, up to F weight. */
  setInactive(voters: ReadonlySet<number>): void {
    this.#conduct.participation.setInactive(voters);
  }

  /** For a lost or rolled-back journal: nothing is cast for views up to this one, the highest seen. */
  observeUntil(view: number): void {
    this.#own.observeUntil(view);
  }

  /** True when the certificate of this vote would tell the replica something. */
  lacks(vote: SimplexVote): boolean {
    if (!isWellFormed(vote) || vote.view <= this.#known.decided.view) return false;
    const record = this.#known.views.peek(vote.view);
    if (record === undefined) return true;
    if (vote.kind === 'nullify') return !record.isNullified;
    if (vote.kind === 'finalize') return record.finalization === undefined;
    return record.certified === undefined;
  }

  status(): SimplexStatus<Proof> {
    const { view, decided, finalization, best, isForked, views, tree, wanted } = this.#known;
    return {
      view,
      leader: this.#known.leaders.leaderOf(view),
      decided,
      finalization,
      tip: this.#known.tip(),
      best,
      isIdle: !this.#conduct.pace.isRunning,
      mayVote: this.#conduct.mayVote(view) && !isForked,
      isForked,
      held: { views: views.size, blocks: tree.size, wanted: wanted.size },
    };
  }

  #tell(effect: SimplexEffect<Proof>): void {
    this.#effects.push(effect);
    if (effect.kind !== 'conflicting-proposals') return;
    this.#conduct.participation.sawLie(effect.leader);
  }

  #counted(
    record: ViewRecord<Proof>,
    votes: ViewVotes<Proof>,
    cast: CastVote<Proof>,
    nowMs: number,
  ): void {
    const { voter, vote } = cast;
    const { view, kind } = vote;
    this.#conduct.participation.sawVote(voter, view);
    const isLeader = this.#known.leaders.leaderOf(view) === voter;
    if (isLeader && kind !== 'finalize') record.leaderVoted = kind;
    if (votes.weightFor(vote) >= this.#known.power.quorum && this.lacks(vote)) {
      this.#learn({ vote, proofs: votes.proofsFor(vote) }, nowMs);
    } else this.#conduct.heard(cast, record, nowMs);
  }

  #learn(certificate: QuorumCertificate<Proof>, nowMs: number): CertificateOutcome {
    const outcome = this.#known.learn(certificate);
    if (outcome !== 'learned') return outcome;
    this.#conduct.learned(certificate);
    if (certificate.vote.kind === 'finalize') this.#settle(certificate);
    this.#conduct.follow();
    this.#conduct.update(nowMs);
    return outcome;
  }

  #settle(finalization: QuorumCertificate<Proof> | undefined): void {
    for (const decidedView of [this.#known.settle(finalization), this.#known.resume()]) {
      if (decidedView !== undefined) this.#own.forgetUntil(decidedView);
    }
  }

  #lied(second: CastVote<Proof>, first: 'accused' | CastVote<Proof>): VoteOutcome {
    this.#conduct.participation.sawLie(second.voter);
    if (first !== 'accused') {
      this.#effects.push({ kind: 'evidence', voter: second.voter, first, second });
    }
    return 'equivocation';
  }

  #stopAsTwin(cast: CastVote<Proof>): VoteOutcome {
    if (!this.#conduct.isTwin) this.#effects.push({ kind: 'twin', cast });
    this.#conduct.stopAsTwin();
    return 'unknown-own-vote';
  }
}
