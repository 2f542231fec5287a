// The engine snow with its certificate epochs (Frosty, arXiv 2404.14250): polls in even eras, and when
// they are stuck an odd era in which certificates decide a few blocks. Pure: what it is told was
// verified by the caller, and what it wants done stands in its effects.

import type { Digest } from '@starling/shared';
import type { BlockOutcome, CertificateOutcome, VoteOutcome } from '../simplex/effect.ts';
import type { SimplexReplica } from '../simplex/replica.ts';
import type { BlockHeader, CastVote, QuorumCertificate, SimplexVote } from '../simplex/vote.ts';
import type { Chit, ChitOutcome } from '../snow/snow-effect.ts';
import type { FrostyEffect } from './effect.ts';
import { comparePeriods, type Period, periodOf } from './era.ts';
import { EraMachine } from './era-machine.ts';
import { type FrostyConfig, type FrostyJournal, frostyObjection } from './frosty-config.ts';
import type { DecidedOpening, OpeningBlock } from './opening.ts';
import type { StatementOutcome } from './stall-book.ts';
import type { CastStatement } from './statement.ts';

export interface FrostyStatus<Proof> {
  readonly period: Period;
  /** Polls have stopped and the odd era has not begun. */
  readonly isHalted: boolean;
  readonly decided: BlockHeader;
  /** What the next block stands on, as far as this member knows. */
  readonly tip: BlockHeader;
  /** Who may propose now, and the view of it; undefined while nobody may. */
  readonly view: number | undefined;
  readonly leader: number | undefined;
  readonly isIdle: boolean;
  readonly mayVote: boolean;
  readonly isForked: boolean;
  /** The best certificate of this period, and that of the last decision in it. */
  readonly best: QuorumCertificate<Proof> | undefined;
  readonly finalization: QuorumCertificate<Proof> | undefined;
  readonly held: {
    readonly headers: number;
    readonly wanted: number;
    readonly starts: number;
    readonly openings: number;
  };
}

/** Refusals of things that belong to a period before or after the present one. */
export type PeriodOutcome = 'stale-period' | 'future-period';

export class FrostyReplica<Proof> {
  readonly #machine: EraMachine<Proof>;
  readonly #isMember: boolean;

  /**
   * `config.root` is the last decided block, `journal` what was written down before.
   * @throws {RangeError} with the objection, numbers included, that `frostyObjection` has.
   */
  constructor(config: FrostyConfig, journal: FrostyJournal<Proof> = { era: 0, votes: [] }) {
    const objection = frostyObjection(config);
    if (objection !== undefined) throw new RangeError(objection.detail);
    this.#machine = new EraMachine(config, journal);
    this.#isMember = config.self !== undefined;
  }

  get hasEffects(): boolean {
    return this.#machine.effects.length > 0;
  }

  /** What is to be done, in order; empties the list. */
  takeEffects(): readonly FrostyEffect<Proof>[] {
    return this.#machine.effects.splice(0);
  }

  /** Is there something to decide that no undecided block carries already? */
  setDemand(hasWork: boolean, nowMs: number): void {
    this.#machine.setDemand(hasWork, nowMs);
    this.#machine.settle(nowMs);
  }

  /** A block that its leader signed, its content bound to `id`; our own answer to `propose` too. */
  onBlock(block: BlockHeader, nowMs: number): BlockOutcome | PeriodOutcome {
    const outcome = this.#machine.onBlock(block, nowMs);
    this.#machine.settle(nowMs);
    return outcome;
  }

  /** The answer to `judge`. */
  onJudged(id: Digest, isValid: boolean, nowMs: number): void {
    const { polls, certificates } = this.#machine;
    polls?.engine.onJudged(id, isValid, nowMs);
    certificates?.simplex.onJudged(id, isValid, nowMs);
    this.#machine.settle(nowMs);
  }

  /** There is nothing to propose now. */
  declineToPropose(view: number, nowMs: number): void {
    const { polls, certificates } = this.#machine;
    polls?.engine.declineToPropose(view, nowMs);
    certificates?.simplex.declineToPropose(view, nowMs);
    this.#machine.settle(nowMs);
  }

  /** A member's answer to a poll, from its own channel. */
  onChit(pollId: number, voter: number, chit: Chit, nowMs: number): ChitOutcome {
    const { polls } = this.#machine;
    const inner = polls?.pollOf(pollId);
    if (polls === undefined || inner === undefined) return 'halted';
    const outcome = polls.engine.onChit(inner, voter, chit, nowMs);
    this.#machine.settle(nowMs);
    return outcome;
  }

  /** A member that was asked does not answer. */
  onSilence(pollId: number, voter: number, nowMs: number): ChitOutcome {
    const { polls } = this.#machine;
    const inner = polls?.pollOf(pollId);
    if (polls === undefined || inner === undefined) return 'halted';
    const outcome = polls.engine.onSilence(inner, voter, nowMs);
    this.#machine.settle(nowMs);
    return outcome;
  }

  /** What we answer a member that asks about a height; nothing in another era or when halted. */
  chitAt(era: number, height: number): Chit | undefined {
    const { polls, period } = this.#machine;
    return period.era === era ? polls?.engine.chitAt(height) : undefined;
  }

  /** A stall statement whose signature holds; our own too, once it is written down and signed. */
  onStatement(cast: CastStatement<Proof>, nowMs: number): StatementOutcome {
    const outcome = this.#machine.onStatement(cast, nowMs);
    this.#machine.settle(nowMs);
    return outcome;
  }

  /** An opening that its leader signed, all proofs in it checked, its content bound to its id. */
  onOpening(opening: OpeningBlock<Proof>, nowMs: number): BlockOutcome | PeriodOutcome {
    const { opening: stage } = this.#machine;
    const side = this.#compare(opening.header.view);
    if (stage === undefined || side !== 0) return side > 0 ? 'future-period' : 'stale-period';
    const outcome = stage.onOpening(opening, nowMs);
    this.#machine.settle(nowMs);
    return outcome;
  }

  /** How an odd era opened, all proofs checked: who is behind goes on from there. */
  onDecidedOpening(
    decided: DecidedOpening<Proof>,
    nowMs: number,
  ): 'learned' | 'stale-period' | 'malformed' {
    const outcome = this.#machine.onDecidedOpening(decided);
    this.#machine.settle(nowMs);
    return outcome;
  }

  /** A vote whose proof holds; our own ones too, once they are written down and signed. */
  onVote(cast: CastVote<Proof>, nowMs: number): VoteOutcome | PeriodOutcome {
    const simplex = this.#simplexFor(cast.vote.view);
    if (typeof simplex === 'string') return simplex;
    const outcome = simplex.onVote(cast, nowMs);
    if (simplex.hasEffects) this.#machine.settle(nowMs);
    return outcome;
  }

  /** A certificate all of whose proofs hold. */
  onCertificate(
    certificate: QuorumCertificate<Proof>,
    nowMs: number,
  ): CertificateOutcome | PeriodOutcome {
    const simplex = this.#simplexFor(certificate.vote.view);
    if (typeof simplex === 'string') return simplex;
    const outcome = simplex.onCertificate(certificate, nowMs);
    this.#machine.settle(nowMs);
    return outcome;
  }

  onTick(nowMs: number): void {
    this.#machine.onTick(nowMs);
    this.#machine.settle(nowMs);
  }

  /**
   * Something waits here that only certificates may decide, such as other members: this member says
   * that it is stuck, until the next decision. More than F must.
   */
  askForCertificates(nowMs: number): void {
    if (this.#machine.polls === undefined) return;
    this.#machine.statements.sayStuck();
    this.#machine.settle(nowMs);
  }

  /** Members whom the caller does not reach. */
  setInactive(voters: ReadonlySet<number>): void {
    this.#machine.setInactive(voters);
  }

  /**
   * For a lost or rolled-back journal: no vote for views up to this one, the highest seen, and no
   * starting vote in the eras up to its own.
   */
  observeUntil(view: number): void {
    this.#machine.observeUntil(view);
  }

  /** True when the certificate of this vote would tell the replica something. */
  lacks(vote: SimplexVote): boolean {
    const { simplex, period } = this.#machine;
    const isHere = comparePeriods(periodOf(vote.view), period) === 0;
    return isHere && simplex?.lacks(vote) === true;
  }

  status(): FrostyStatus<Proof> {
    const { certificates, chain, opening, polls, simplex, statements } = this.#machine;
    const { book, decided, isForked, wanted } = chain;
    const certified = simplex?.status();
    const inner = polls?.engine.status() ?? certified;
    return {
      period: this.#machine.period,
      isHalted: inner === undefined,
      decided,
      tip: polls?.tip ?? certificates?.tip ?? decided,
      view: inner?.view,
      leader: inner?.leader,
      isIdle: inner?.isIdle ?? false,
      mayVote: !isForked && (certified?.mayVote ?? (this.#isMember && !statements.isTwin)),
      isForked,
      best: certified?.best,
      finalization: certified?.finalization,
      held: {
        headers: book.size,
        wanted: wanted.size,
        starts: statements.starts().length,
        openings: opening?.size ?? 0,
      },
    };
  }

  #compare(view: number): number {
    return comparePeriods(periodOf(view), this.#machine.period);
  }

  #simplexFor(view: number): SimplexReplica<Proof> | PeriodOutcome {
    const side = this.#compare(view);
    const { simplex } = this.#machine;
    if (side > 0) this.#machine.sawPeriod(periodOf(view));
    if (side === 0 && simplex !== undefined) return simplex;
    return side > 0 ? 'future-period' : 'stale-period';
  }
}
