// The engine `snow`: Snowman over the chain's blocks. Polls go out as effects and chits come back as
// inputs; what is final is so with overwhelming probability in lock-step rounds, and no more than
// that. Pure: no clock, no network, randomness is a port. After a stall certificates take over.

import type { Digest } from '@starling/shared';
import type { BlockOutcome } from '../simplex/effect.ts';
import { LeaderSchedule } from '../simplex/leader-schedule.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import { Polling } from './polling.ts';
import { Proposer } from './proposer.ts';
import {
  CERTIFICATE_BLOCKS,
  SNOW_TIMEOUTS,
  type SnowConfig,
  snowObjection,
  stallAfterMs,
} from './snow-config.ts';
import type { Chit, ChitOutcome, SnowEffect } from './snow-effect.ts';
import { UndecidedChain } from './undecided-chain.ts';

export interface SnowStatus {
  readonly decided: BlockHeader;
  /** Tip of the preferred branch. */
  readonly tip: BlockHeader;
  /** The view of the next proposal on the tip, and who makes it. */
  readonly view: number;
  readonly leader: number;
  readonly isIdle: boolean;
  readonly isHalted: boolean;
  /** Enough members are within reach, and no decision is due for `maxItemProcessingTimeMs`. */
  readonly isHealthy: boolean;
  readonly held: { readonly blocks: number; readonly undecided: number; readonly polls: number };
}

/**
 * As with `SimplexReplica`, every method takes the caller's time, changes the state, and leaves what
 * is to be done in `takeEffects`; bad input is refused with a reason.
 */
export class SnowEngine {
  readonly #config: SnowConfig;
  readonly #stallMs: number;
  readonly #leaders: LeaderSchedule;
  readonly #chain: UndecidedChain;
  readonly #polling: Polling;
  readonly #proposer: Proposer;
  #effects: SnowEffect[] = [];
  #hasDemand = false;
  #isHalted = false;
  /** When something was decided last, or began to wait for a decision. */
  #progressMs: number | undefined;
  #isOverdue = false;
  #saidStalledMs = 0;
  #wakeMs = Number.POSITIVE_INFINITY;

  /** @throws {RangeError} with the objection, numbers included, that `snowObjection` has. */
  constructor(config: SnowConfig) {
    const objection = snowObjection(config);
    if (objection !== undefined) throw new RangeError(objection.detail);
    const { pollMs, proposeMs } = config.timeouts ?? SNOW_TIMEOUTS;
    this.#config = config;
    this.#stallMs = stallAfterMs(config);
    this.#leaders = new LeaderSchedule(config.members, config.leaderSeed);
    this.#chain = new UndecidedChain(config, pollMs, (effect) => this.#effects.push(effect));
    this.#polling = new Polling(config, pollMs, this.#chain);
    this.#proposer = new Proposer(config.root, proposeMs, (view) => this.#leaders.leaderOf(view));
  }

  get hasEffects(): boolean {
    return this.#effects.length > 0;
  }

  /** What is to be done, in order; empties the list. */
  takeEffects(): readonly SnowEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Is there something to decide that no undecided block carries already? */
  setDemand(hasWork: boolean, nowMs: number): void {
    this.#hasDemand = hasWork;
    this.#proposer.forget();
    this.#settle(nowMs);
  }

  /** A block that its leader signed, its content bound to `id`; our own answer to `propose` too. */
  onBlock(block: BlockHeader, nowMs: number): BlockOutcome {
    if (!isWellFormed(block)) return 'malformed';
    if (this.#leaders.leaderOf(block.view) !== block.leader) return 'not-the-leader';
    const outcome = this.#chain.add(block, this.#proposer.turns, nowMs);
    this.#settle(nowMs);
    return outcome;
  }

  /** The answer to `judge`. */
  onJudged(id: Digest, isValid: boolean, nowMs: number): void {
    this.#chain.judged(id, isValid, nowMs);
    this.#settle(nowMs);
  }

  /** There is nothing to propose in this view; asked again when demand is set or a turn passes. */
  declineToPropose(_view: number, nowMs: number): void {
    this.#settle(nowMs);
  }

  /** A member's answer to a poll, from its own channel. */
  onChit(pollId: number, voter: number, chit: Chit, nowMs: number): ChitOutcome {
    if (this.#isHalted) return 'halted';
    const isAwaited = this.#polling.awaits(pollId, voter);
    const voted = isAwaited ? this.#chain.votedBy(chit, nowMs) : undefined;
    const outcome =
      voted === undefined
        ? this.#polling.drop(pollId, voter)
        : this.#polling.vote(pollId, voter, voted);
    this.#settle(nowMs);
    return voted === undefined && outcome === 'counted' ? 'dropped' : outcome;
  }

  /** A member that was asked does not answer. */
  onSilence(pollId: number, voter: number, nowMs: number): ChitOutcome {
    if (this.#isHalted) return 'halted';
    const outcome = this.#polling.drop(pollId, voter);
    this.#settle(nowMs);
    return outcome;
  }

  onTick(nowMs: number): void {
    this.#settle(nowMs);
  }

  /** Members whom the caller does not reach: polls count them as silent. */
  setInactive(voters: ReadonlySet<number>): void {
    this.#polling.setInactive(voters);
  }

  /** What we answer a member that asks about a height; nothing as an observer or when halted. */
  chitAt(height: number): Chit | undefined {
    const isSilent = this.#isHalted || this.#config.self === undefined;
    return isSilent ? undefined : this.#chain.chitAt(height);
  }

  /** Stops for a certificate epoch, which starts on the block returned. */
  halt(): BlockHeader {
    this.#isHalted = true;
    this.#polling.clear();
    return this.#chain.lastAccepted;
  }

  status(): SnowStatus {
    const { lastAccepted, tip, size, undecided } = this.#chain;
    return {
      decided: lastAccepted,
      tip,
      view: this.#proposer.view,
      leader: this.#proposer.leader,
      isIdle: undecided === 0 && !this.#hasDemand,
      isHalted: this.#isHalted,
      isHealthy: this.#polling.isWellConnected && !this.#isOverdue,
      held: { blocks: size, undecided, polls: this.#polling.size },
    };
  }

  #settle(nowMs: number): void {
    if (this.#isHalted) return;
    this.#polling.expire(nowMs);
    // Polls that nobody outside answers finish at once: no more of them than run at once anyway.
    this.#applyPolls(nowMs);
    for (let i = 0; i < this.#config.parameters.concurrentRepolls; i += 1) {
      if (!this.#repoll(nowMs)) break;
      this.#applyPolls(nowMs);
    }
    this.#chain.fetchDue(nowMs);
    this.#askForProposal(nowMs);
    this.#watchProgress(nowMs);
    this.#wake();
  }

  #applyPolls(nowMs: number): void {
    for (;;) {
      const finished = this.#polling.takeFinished();
      if (finished === undefined) return;
      if (this.#chain.recordPoll(finished.votes)) this.#progressMs = nowMs;
    }
  }

  /** Opens a poll if there is something to ask and somebody to answer. */
  #repoll(nowMs: number): boolean {
    if (this.#chain.undecided === 0 || !this.#polling.isConnected) return false;
    const opened = this.#polling.open(this.#chain.tip.id, nowMs);
    if (opened === undefined) return false;
    const height = this.#chain.lastAccepted.height + 1;
    if (opened.peers.length > 0) this.#effects.push({ kind: 'poll', ...opened, height });
    return true;
  }

  #askForProposal(nowMs: number): void {
    const { parameters, self } = this.#config;
    const { tip: parent, undecided } = this.#chain;
    const isNeeded = this.#hasDemand && undecided < parameters.optimalProcessing;
    if (!this.#proposer.advance(parent, isNeeded, self, nowMs)) return;
    const { view } = this.#proposer;
    this.#effects.push({ kind: 'propose', view, parent, isFinishing: false });
  }

  #watchProgress(nowMs: number): void {
    if (this.#chain.undecided === 0) {
      this.#progressMs = undefined;
      this.#isOverdue = false;
      return;
    }
    this.#progressMs ??= nowMs;
    this.#isOverdue = nowMs - this.#progressMs > this.#config.parameters.maxItemProcessingTimeMs;
    if (nowMs < this.#nextStallMs()) return;
    this.#saidStalledMs = nowMs;
    this.#effects.push({
      kind: 'stalled',
      lastAccepted: this.#chain.lastAccepted,
      sinceMs: this.#progressMs,
      certificateBlocks: CERTIFICATE_BLOCKS,
    });
  }

  #nextStallMs(): number {
    if (this.#progressMs === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(this.#progressMs, this.#saidStalledMs) + this.#stallMs;
  }

  #wake(): void {
    const atMs = Math.min(
      this.#polling.nextMs(),
      this.#chain.nextFetchMs(),
      this.#proposer.nextMs(),
      this.#nextStallMs(),
    );
    if (atMs === this.#wakeMs || atMs === Number.POSITIVE_INFINITY) return;
    this.#wakeMs = atMs;
    this.#effects.push({ kind: 'wake', atMs });
  }
}

function isWellFormed({ view, height, parentView }: BlockHeader): boolean {
  const numbers = [view, height, parentView];
  const areCounts = numbers.every((each) => Number.isSafeInteger(each) && each >= 0);
  return areCounts && view > parentView;
}
